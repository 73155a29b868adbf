// From assignment to running: committed offsets, changelog, cross-check, bootstrap, assign.
#include <algorithm>

#include <fmt/format.h>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"
#include "models/base/check.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kReadWait = 200ms;
constexpr Duration kStuckAfter =
    30s;  // twice as long as any transaction may hold the last stable offset back
constexpr Duration kFirstRetry = 500ms, kLongestRetry = 30s;
constexpr std::size_t kTelemetry = static_cast<std::size_t>(StreamKind::telemetry);
constexpr std::size_t kProfiles = static_cast<std::size_t>(StreamKind::profiles);

}  // namespace

bool Lane::restore_waits() const {
  return std::any_of(partitions_.begin(), partitions_.end(), [this](const auto& at) {
    return at->state == PartitionState::restoring && at->retry_at <= steady_;
  });
}

// One per turn, so that the group is served between two.
void Lane::restore_next() {
  for (const auto& at : partitions_) {
    if (at->state != PartitionState::restoring || at->retry_at > steady_) continue;
    restore(*at);
    publish(true);
    return;
  }
}

void Lane::restore(LanePartition& at) {
  const Duration begun = clocks_.steady();
  CrossCheckFacts facts;
  facts.partition = at.id;
  // The order matters: only what stands before the high watermark that is read after the committed offsets is sure to
  // hold a predecessor's last commit (kafka.md 6).
  const Result<CommitVersion> committed = source_->committed(at.id);
  beat();
  if (!committed) return retry_restore(at, committed.error().message);
  const auto bounds = source_->bounds(at.id);
  if (!bounds) return retry_restore(at, bounds.error().message);
  const auto reader = source_->open_changelog(at.id);
  if (!reader) return retry_restore(at, reader.error().message);
  beat();

  auto pipeline = std::make_unique<Pipeline>(at.id, rules_, setup_);
  if (!load(at, *pipeline, **reader)) return;
  if (const Result<void> finished = pipeline->finish_load(); !finished) {
    return refuse(at, Refusal::state_unreadable, finished.error().message);
  }
  facts.committed = *committed;
  facts.bounds = *bounds;
  facts.meta = pipeline->loaded_version();
  facts.meta_group = pipeline->loaded_group();
  facts.meta_partitions = pipeline->loaded_partition_count();
  const CrossCheck check = cross_check(facts, options_.checks);
  if (check.refusal != Refusal::none) {
    // Who slept between the questions may see the commits of a new owner, which is nothing that a person must decide.
    const Result<CommitVersion> again = source_->committed(at.id);
    if (!again) return retry_restore(at, again.error().message);
    if (*again != *committed) return retry_restore(at, "somebody else has committed the partition meanwhile");
    return refuse(at, check.refusal, check.sentence);
  }

  at.pipeline = std::move(pipeline);
  begin(at, facts, check);
  metrics_.restore_seconds.observe(clocks_.steady() - begun);
}

// False: the partition was refused, will be tried again, or the lane is to stop.
bool Lane::load(LanePartition& at, Pipeline& into, ChangelogReader& from) {
  Duration progress_at = clocks_.steady();
  while (!from.done()) {
    const auto entries = from.poll(kReadWait);
    beat();
    const Duration steady = clocks_.steady();
    if (!entries) {
      retry_restore(at, entries.error().message);
      return false;
    }
    for (const ChangelogEntry& entry : *entries) {
      if (const Result<void> loaded = into.load(entry.key, entry.value); !loaded) {
        refuse(at, Refusal::state_unreadable,
               fmt::format("{} partition {} offset {}: {}", options_.checks.changelog_topic, at.id,
                           entry.offset, loaded.error().message));
        return false;
      }
    }
    metrics_.restore_records.add(entries->size());
    if (!entries->empty() || from.progress() != at.restore_progress) progress_at = steady;
    at.restore_progress = from.progress();
    metrics_.restore_waiting_open_txn.set(steady - progress_at > 1s ? 1 : 0);
    if (steady - progress_at > kStuckAfter) {
      const std::string trouble = from.trouble();
      retry_restore(at,
                    fmt::format("{} partition {} is readable up to offset {} of {}: {}",
                                options_.checks.changelog_topic, at.id, from.position(), from.bounds().high,
                                trouble.empty() ? "a transaction in it stays open" : trouble));
      return false;
    }
    if (inbox_.draining()) return false;
    publish(false);
  }
  metrics_.restore_waiting_open_txn.set(0);
  at.restore_progress = 1;
  return true;
}

void Lane::begin(LanePartition& at, const CrossCheckFacts& facts, const CrossCheck& check) {
  at.stored = facts.committed;
  at.base = check.version;
  at.expected = check.version.offsets;
  at.tick = check.version.tick;
  at.must_commit = check.commit_now;
  at.wrote = false;
  at.record_at = steady_;
  at.end_seen_at = Duration::min();
  at.restore_attempts = 0;
  at.reason.clear();
  at.counted = at.pipeline->counts();  // what loading counted is not work of this run
  at.counted.blocks_reset = 0;         // but for this
  at.effects = at.pipeline->effects();
  metrics_.input_gap_records.add(check.gap);
  if (!check.sentence.empty() || check.gap > 0) {
    log(LogLevel::warn, "lane",
        check.sentence.empty() ? "input was deleted before it was read" : check.sentence,
        {{"lane", options_.lane}, {"partition", at.id}, {"lost_records", check.gap}});
  }

  // Profiles come first where no telemetry has been seen yet: topics have no order among each other.
  const bool fresh = at.pipeline->max_event_time() == kNever;
  const bool bootstrap = options_.bootstrap_profiles && options_.checks.streams[kProfiles].on && fresh &&
                         at.expected[kProfiles] < facts.bounds[kProfiles].high;
  at.bootstrap_until = facts.bounds[kProfiles].high;
  at.state = bootstrap ? PartitionState::bootstrapping : PartitionState::running;
  log(LogLevel::info, "lane", bootstrap ? "partition restored, reading profiles first" : "partition runs",
      {{"lane", options_.lane},
       {"partition", at.id},
       {"version", at.base.v},
       {"telemetry", at.expected[kTelemetry]},
       {"profiles", at.expected[kProfiles]}});
  want_assign();
}

// Only what is committed counts: were it undone later, profiles would be read again beside the telemetry.
void Lane::end_bootstraps() {
  for (const auto& at : partitions_) {
    if (!at->bootstrap_read() || at->base.offsets[kProfiles] < at->bootstrap_until) continue;
    at->state = PartitionState::running;
    at->record_at = steady_;
    log(LogLevel::info, "lane", "profiles are read, partition runs",
        {{"lane", options_.lane}, {"partition", at->id}, {"profiles", at->expected[kProfiles]}});
    want_assign();
  }
}

void Lane::retry_restore(LanePartition& at, const std::string& why) {
  const Duration wait = std::min(kFirstRetry * (1 << std::min(at.restore_attempts, 6)), kLongestRetry);
  ++at.restore_attempts;
  at.retry_at = clocks_.steady() + wait;
  at.reason = why;
  last_error_ = why;
  metrics_.restore_waiting_open_txn.set(0);
  log(LogLevel::warn, "lane", "restore will be tried again",
      {{"lane", options_.lane}, {"partition", at.id}, {"cause", why}});
}

void Lane::refuse(LanePartition& at, Refusal refusal, std::string sentence) {
  log(LogLevel::error, "restore", sentence,
      {{"code", to_string(refusal)}, {"lane", options_.lane}, {"partition", at.id}});
  metrics_.restores_refused.add();
  const bool was_read = at.reads();
  if (was_read) commit(CommitTrigger::stop);
  at.state = PartitionState::refused;
  at.reason = std::move(sentence);
  if (at.pipeline != nullptr) count_work(at);
  at.pipeline.reset();
  if (was_read) want_assign();
}

// A partition's state is dropped and read again.
void Lane::restart(LanePartition& at) {
  if (at.pipeline != nullptr) count_work(at);
  at.pipeline.reset();
  at.state = PartitionState::restoring;
  at.retry_at = Duration::min();
  at.restore_progress = 0;
}

// Gives partitions up, with their state.
void Lane::drop(const std::vector<PartitionId>& partitions) {
  const auto gone = [&](const std::unique_ptr<LanePartition>& at) {
    return at->state == PartitionState::incomplete ||
           std::find(partitions.begin(), partitions.end(), at->id) != partitions.end();
  };
  for (const auto& at : partitions_) {
    if (gone(at) && at->pipeline != nullptr) count_work(*at);
  }
  partitions_.erase(std::remove_if(partitions_.begin(), partitions_.end(), gone), partitions_.end());
  ++undone_;  // what the source handed over for them is void
  if (const Result<void> released = source_->release(); !released) {
    finish(LaneEndReason::failed, released.error().message);
  }
  if (partitions_.empty()) {
    assign_at_.reset();
  } else {
    want_assign();
  }
  log(LogLevel::info, "lane", "partitions given up",
      {{"lane", options_.lane}, {"partitions", partitions.size()}});
  publish(true);
}

void Lane::want_assign(Duration after) {
  const Duration at = steady_ + after;
  assign_at_ = assign_at_.has_value() ? std::max(*assign_at_, at) : at;
}

void Lane::assign_if_wanted() {
  if (!assign_at_.has_value() || *assign_at_ > steady_ || restore_waits()) return;
  std::vector<PartitionStart> starts;
  for (const auto& at : partitions_) {
    if (!at->reads()) continue;
    PartitionStart start{at->id, at->expected};
    if (at->state == PartitionState::bootstrapping) start.offsets[kTelemetry] = CommitVersion::kNone;
    starts.push_back(start);
    at->end_seen_at = Duration::min();
  }
  if (const Result<void> assigned = source_->assign(starts); !assigned) {
    last_error_ = assigned.error().message;
    log(LogLevel::warn, "lane", "cannot assign, trying again in a second",
        {{"lane", options_.lane}, {"cause", assigned.error().message}});
    assign_at_ = steady_ + 1s;
    return;
  }
  assign_at_.reset();
}

}  // namespace proactive::daemon
