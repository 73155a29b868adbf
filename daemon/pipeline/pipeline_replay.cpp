// What a transaction leaves to later ones, and how a restore makes up for it. See checkpoint.h.
#include <algorithm>

#include "daemon/pipeline/pipeline_impl.h"
#include "models/base/check.h"
#include "models/base/time.h"

namespace proactive::daemon {
namespace {

constexpr std::int64_t kClockStepUs = 1'000'000;

}  // namespace

bool Pipeline::Impl::something_due() { return timers.due(watermark.horizon_us()); }

// ---- the transaction --------------------------------------------------------------------------------------------------

// The host's time as the watermark sees it: whole seconds, and read only for an event that is ahead of what was read
// before, so that few steps say all about it.
Timestamp Pipeline::Impl::clock_for(Timestamp time, Timestamp now, std::int64_t offset) {
  if (!silent && micros(time) > clock_us) {
    const std::int64_t now_us = floor_div(micros(now), kClockStepUs) * kClockStepUs;
    if (now_us > clock_us) {
      clock_us = now_us;
      checkpoint.note({offset, clock_us, ReplayStep::Kind::clock});
    }
  }
  return at_micros(clock_us);
}

Checkpoint::Origin Pipeline::Impl::origin() const {
  return {version.offsets[0], saved_watermark, saved_clock_us};
}

void Pipeline::Impl::choose_written(std::int64_t next, Timestamp now, bool all) {
  PROACTIVE_CHECK(!silent);
  chosen = true;
  // A replay runs all that is due at its offset. Where a commit was in the midst of that, it would run silently what nobody
  // has heard of, or not know that something was due because of other rules.
  all = all || version.offsets[0] < write_all_until || began_due || something_due();
  const bool fresh = checkpoint.by_age() && !all && !store->fresh_dirty().empty();
  const Checkpoint::Choice& choice = checkpoint.choose(origin(), next, now, fresh, all);
  if (choice.full) ++counts.checkpoint_full;
  for (const EntityRef at : choice.swept) {
    Entity* entity = store->entity_at(at.slot, at.generation);
    if (entity != nullptr && entity->dirty) store->write(*entity);
  }
  if (choice.all) store->write_fresh();
  chosen_replay_from = choice.replay_from;
}

std::int64_t Pipeline::choose_written(std::int64_t next, Timestamp now, bool all) {
  impl_->choose_written(next, now, all);
  return impl_->chosen_replay_from;
}

bool Pipeline::checkpoint_overdue(Timestamp now) const { return impl_->checkpoint.overdue(now); }
bool Pipeline::dirty() const { return !impl_->checkpoint.empty(); }

// Who reads records for a second time may not leave them to a replay: series that they have not reached yet claim to know
// them.
void Pipeline::resume_at(const CommitVersion& version) {
  Impl& p = *impl_;
  PROACTIVE_CHECK(!changed());
  p.version = version;
  p.write_all_until = p.loaded.offsets[0];
  if (!p.silent) p.next_telemetry = version.offsets[0];
}

// ---- the replay ---------------------------------------------------------------------------------------------------------

bool Pipeline::replaying() const { return impl_->silent; }

Result<void> Pipeline::Impl::prepare_replay() {
  // Time alone may have passed since: then there is a plan, but no record.
  if (replay_plan.steps.empty() &&
      (loaded.replay_from == loaded.offsets[0] || loaded.replay_from == CommitVersion::kNone))
    return {};
  if (replay_plan.steps.empty() || replay_plan.steps.front().offset != loaded.replay_from ||
      loaded.replay_from > loaded.offsets[0]) {
    return failure("meta record: it asks for a replay that its replay block does not describe");
  }
  silent = true;
  final_watermark = watermark.state();
  watermark.restore(replay_plan.watermark);
  clock_us = replay_plan.clock_us;
  next_step = 0;
  return {};
}

void Pipeline::replay(const InputRecord& record) {
  Impl& p = *impl_;
  PROACTIVE_CHECK(p.silent && record.stream == StreamKind::telemetry);
  const std::vector<ReplayStep>& steps = p.replay_plan.steps;
  for (; p.next_step < steps.size() && steps[p.next_step].offset <= record.offset; ++p.next_step) {
    p.apply_step(steps[p.next_step]);
  }
  PipelineOutput unheard;
  const PipelineCounts counts = p.counts;  // sizes do not change here
  process(record, kNever, unheard);
  p.run_silent_timers();
  p.store->keep();
  p.counts = counts;
  ++p.counts.replayed;
}

void Pipeline::Impl::apply_step(const ReplayStep& step) {
  switch (step.kind) {
    case ReplayStep::Kind::lap:
      checkpoint.replay_dirty(store->take_fresh_dirty());
      checkpoint.replay_lap({step.offset, watermark.state(), clock_us}, step.time_us);
      return;
    case ReplayStep::Kind::clock:
      clock_us = std::max(clock_us, step.time_us);
      break;
    case ReplayStep::Kind::idle:
      if (watermark.advance_to(at_micros(step.time_us))) {
        const PipelineCounts before = counts;
        run_silent_timers();
        store->keep();
        counts = before;
      }
      break;
  }
  checkpoint.replay_step(step);
}

void Pipeline::Impl::run_silent_timers() {
  PipelineOutput unheard;
  while (timers.due(watermark.horizon_us())) run_timers(SIZE_MAX, {kNever, kNever, &unheard});
}

void Pipeline::finish_replay() {
  Impl& p = *impl_;
  PROACTIVE_CHECK(p.silent);
  const std::vector<ReplayStep>& steps = p.replay_plan.steps;
  for (; p.next_step < steps.size(); ++p.next_step) p.apply_step(steps[p.next_step]);
  p.checkpoint.replay_dirty(p.store->take_fresh_dirty());
  p.silent = false;
  // Other rules or another lateness may have led elsewhere. What was committed counts.
  if (p.watermark.state() != p.final_watermark) ++p.counts.replay_differs;
  p.watermark.restore(p.final_watermark);
  p.saved_watermark = p.final_watermark;
  p.saved_clock_us = p.clock_us;
  p.next_telemetry = p.version.offsets[0];
  p.scalars_changed = false;
  p.replay_plan = {};
  p.last_append = {};
  p.schedule_all();
  p.began_due = p.something_due();
}

// Whether the loaded state of the entity knows the record already: all of its series were written at once, so the newest
// offset among them says so for all. One that this very record has touched does not count.
bool Pipeline::Impl::has_applied(const Entity& entity, std::int64_t offset) const {
  for (const Touched& one : touched) {
    if (one.entity == &entity) return false;
  }
  return std::any_of(entity.series.begin(), entity.series.end(), [&](const Series* series) {
    return plans->plan(series->measure).applied_offset(series->block()) >= offset;
  });
}

}  // namespace proactive::daemon
