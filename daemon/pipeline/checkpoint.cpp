#include "daemon/pipeline/checkpoint.h"

#include <algorithm>
#include <cstring>

#include "models/base/bytes.h"
#include "models/base/check.h"

namespace proactive::daemon {
namespace {

// The clock of a lane that has read nothing yet stands at the beginning of time.
std::int64_t before(std::int64_t us, std::int64_t span) {
  return us < INT64_MIN + span ? INT64_MIN : us - span;
}

}  // namespace

std::size_t Checkpoint::waiting() const {
  std::size_t count = 0;
  for (const Lap& lap : laps_) count += lap.entities.size() - lap.swept;
  return count;
}

// Takes entities in the order in which they became dirty: `most` of them, and whole laps that began early enough.
void Checkpoint::sweep(std::size_t most, std::int64_t begun_until_us) {
  for (const Lap& lap : laps_) {
    const std::size_t left = lap.entities.size() - lap.swept;
    const std::size_t take = lap.begun_us <= begun_until_us ? left : std::min(left, most);
    const auto first = lap.entities.begin() + static_cast<std::ptrdiff_t>(lap.swept);
    choice_.swept.insert(choice_.swept.end(), first, first + static_cast<std::ptrdiff_t>(take));
    most -= std::min(most, take);
    if (take < left) {
      lap_swept_ = lap.swept + take;
      return;
    }
    ++laps_done_;
  }
}

const Checkpoint::Choice& Checkpoint::choose(const Origin& begin, std::int64_t next, Timestamp now,
                                             bool fresh, bool all) {
  choice_ = {};
  begin_ = begin;
  now_us_ = now.time_since_epoch().count();
  laps_done_ = lap_swept_ = 0;
  if (!swept_at_us_) {  // the first commit since a restore: what waited meanwhile is not written all at once
    swept_at_us_ = now_us_;
    for (Lap& lap : laps_) lap.begun_us = std::max(lap.begun_us, before(now_us_, age_us_));
  }
  choice_.full = by_age() && steps_.size() >= most_steps_;
  choice_.all = all || choice_.full || !by_age() || begin.offset < 0;
  if (choice_.all) {
    sweep(SIZE_MAX, INT64_MAX);
  } else {
    // At an even pace, so that no commit has to wait for the entities of a whole second.
    const double share = std::clamp(
        (static_cast<double>(now_us_) - static_cast<double>(*swept_at_us_)) / static_cast<double>(age_us_),
        0.0, 1.0);
    choice_.credit = credit_ + static_cast<double>(waiting()) * share;
    const auto most = static_cast<std::size_t>(choice_.credit);
    choice_.credit -= static_cast<double>(most);
    sweep(most, before(now_us_, age_us_ + age_us_ / 2));
  }
  const bool left = laps_done_ < laps_.size();
  begins_lap_ = fresh && !choice_.all && (!left || laps_.back().begun_us <= before(now_us_, kLapUs));
  choice_.replay_from = left ? laps_[laps_done_].from.offset : begins_lap_ ? begin.offset : next;
  return choice_;
}

ReplayPlan Checkpoint::plan() const {
  ReplayPlan plan;
  const bool left = laps_done_ < laps_.size();
  if (!left && !begins_lap_) return plan;
  const Origin& from = left ? laps_[laps_done_].from : begin_;
  plan.watermark = from.watermark;
  plan.clock_us = from.clock_us;
  const std::uint64_t first = left ? laps_[laps_done_].step : committed_steps_;
  for (std::uint64_t at = first; at <= first_step_ + steps_.size(); ++at) {
    if (begins_lap_ && at == committed_steps_)
      plan.steps.push_back({begin_.offset, now_us_, ReplayStep::Kind::lap});
    if (at < first_step_ + steps_.size()) plan.steps.push_back(steps_[at - first_step_]);
  }
  return plan;
}

void Checkpoint::commit(const std::vector<EntityRef>& fresh) {
  if (!by_age()) return;
  laps_.erase(laps_.begin(), laps_.begin() + static_cast<std::ptrdiff_t>(laps_done_));
  if (!laps_.empty()) laps_.front().swept = std::max(laps_.front().swept, lap_swept_);
  if (begins_lap_) {
    // Steps of the transaction come behind the beginning of its lap.
    steps_.insert(steps_.begin() + static_cast<std::ptrdiff_t>(committed_steps_ - first_step_),
                  {begin_.offset, now_us_, ReplayStep::Kind::lap});
    laps_.push_back({begin_, now_us_, committed_steps_, {}, 0});
  }
  if (!fresh.empty()) {
    PROACTIVE_CHECK(!laps_.empty());
    laps_.back().entities.insert(laps_.back().entities.end(), fresh.begin(), fresh.end());
  }
  const std::uint64_t end = first_step_ + steps_.size();
  const std::uint64_t keep = laps_.empty() ? end : laps_.front().step;
  steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(keep - first_step_));
  first_step_ = keep;
  committed_steps_ = end;
  swept_at_us_ = now_us_;
  credit_ = choice_.credit;
  rollback();
}

void Checkpoint::rollback() {
  steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(committed_steps_ - first_step_), steps_.end());
  choice_ = {};
  begins_lap_ = false;
  laps_done_ = lap_swept_ = 0;
}

void Checkpoint::adopt(const std::vector<EntityRef>& dirty) {
  if (dirty.empty()) return;
  PROACTIVE_CHECK(!laps_.empty());  // who was dirty before the transaction is in a lap
  laps_.front().entities.insert(laps_.front().entities.end(), dirty.begin(), dirty.end());
}

bool Checkpoint::overdue(Timestamp now) const {
  return !laps_.empty() &&
         laps_.front().begun_us <= before(now.time_since_epoch().count(), age_us_ + age_us_ / 2);
}

void Checkpoint::replay_lap(const Origin& from, std::int64_t begun_us) {
  laps_.push_back({from, begun_us, first_step_ + steps_.size(), {}, 0});
  steps_.push_back({from.offset, begun_us, ReplayStep::Kind::lap});
  committed_steps_ = first_step_ + steps_.size();
}

void Checkpoint::replay_step(ReplayStep step) {
  steps_.push_back(step);
  committed_steps_ = first_step_ + steps_.size();
}

void Checkpoint::replay_dirty(const std::vector<EntityRef>& dirty) {
  if (dirty.empty()) return;
  PROACTIVE_CHECK(!laps_.empty());
  laps_.back().entities.insert(laps_.back().entities.end(), dirty.begin(), dirty.end());
}

// ---- the meta record's block --------------------------------------------------------------------------------------------

void append_replay_plan(const ReplayPlan& plan, std::string& out) {
  ByteWriter bytes(out);
  bytes.put_bytes({reinterpret_cast<const char*>(&plan.watermark), sizeof plan.watermark});
  bytes.put(plan.clock_us);
  bytes.put(static_cast<std::uint32_t>(plan.steps.size()));
  for (const ReplayStep& step : plan.steps) {
    bytes.put(step.offset);
    bytes.put(step.time_us);
    bytes.put(step.kind);
  }
}

Result<ReplayPlan> read_replay_plan(std::string_view payload) {
  ByteReader bytes(payload);
  ReplayPlan plan;
  const std::string_view state = bytes.get_bytes(sizeof plan.watermark);
  if (!bytes.failed()) std::memcpy(&plan.watermark, state.data(), state.size());
  plan.clock_us = bytes.get<std::int64_t>();
  const auto count = bytes.get<std::uint32_t>();
  std::int64_t offset = 0;
  for (std::uint32_t i = 0; i < count && !bytes.failed(); ++i) {
    ReplayStep step{};
    step.offset = bytes.get<std::int64_t>();
    step.time_us = bytes.get<std::int64_t>();
    const auto kind = bytes.get<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(ReplayStep::Kind::idle))
      return failure("meta record: its replay block has a step of unknown kind " + std::to_string(kind));
    step.kind = static_cast<ReplayStep::Kind>(kind);
    if (step.offset < offset) return failure("meta record: the steps of its replay block are not in order");
    offset = step.offset;
    plan.steps.push_back(step);
  }
  if (bytes.failed() || !bytes.at_end())
    return failure("meta record: the length of its replay block does not fit its steps");
  if (!plan.steps.empty() && plan.steps.front().kind != ReplayStep::Kind::lap)
    return failure("meta record: its replay block does not begin with a lap");
  return plan;
}

}  // namespace proactive::daemon
