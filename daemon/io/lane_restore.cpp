// From assignment to running: committed offsets, changelog, cross-check, bootstrap, assign.
#include <algorithm>

#include <fmt/format.h>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"
#include "models/base/check.h"
#include "models/base/state_record.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kReadWait = 50ms;  // when nothing else is to do
constexpr Duration kSlice = 100ms;
constexpr Duration kAssignEvery = 2s;  // while restores go on: each assignment throws away what was fetched
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

// A slice per turn, so that the group is served, and the partitions that run go on, while a large one is restored. One
// at a time: the lane has one client for it.
void Lane::restore_next() {
  LanePartition* next = nullptr;
  for (const auto& at : partitions_) {
    if (at->state != PartitionState::restoring || at->retry_at > steady_) continue;
    if (next == nullptr || at->restore != nullptr) next = at.get();
  }
  if (next == nullptr) return;
  const bool begun = next->restore != nullptr;
  if (!begun) begin_restore(*next);
  if (next->restore != nullptr) restore_slice(*next);
  publish(!begun || next->state != PartitionState::restoring);
}

void Lane::begin_restore(LanePartition& at) {
  auto restore = std::make_unique<LaneRestore>();
  at.restore_begun = clocks_.steady();
  restore->facts.partition = at.id;
  // The order matters: only what stands before the high watermark that is read after the committed offsets is sure to
  // hold a predecessor's last commit (kafka.md 6).
  const Result<CommitVersion> committed = source_->committed(at.id);
  beat();
  if (!committed) return retry_restore(at, committed.error().message);
  const auto bounds = source_->bounds(at.id);
  if (!bounds) return retry_restore(at, bounds.error().message);
  auto reader = source_->open_changelog(at.id);
  if (!reader) return retry_restore(at, reader.error().message);
  beat();
  restore->facts.committed = *committed;
  restore->facts.bounds = *bounds;
  restore->reader = std::move(*reader);
  restore->pipeline = std::make_unique<Pipeline>(at.id, rules_, setup_);
  restore->progress_at = clocks_.steady();
  at.restore = std::move(restore);
}

void Lane::restore_slice(LanePartition& at) {
  LaneRestore& restore = *at.restore;
  ChangelogReader& from = *restore.reader;
  const Duration slice_begun = clocks_.steady();
  Duration wait = records_flow_ ? Duration::zero() : kReadWait;
  while (!from.done()) {
    const auto entries = from.poll(wait);
    beat();
    const Duration steady = clocks_.steady();
    if (!entries) return retry_restore(at, entries.error().message);
    HintsAhead hints;
    const auto pipeline_of = [&restore](std::size_t) { return restore.pipeline.get(); };
    const auto customer_of = [&entries](std::size_t i) { return customer_of_key((*entries)[i].key); };
    for (std::size_t i = 0; i < entries->size(); ++i) {
      const ChangelogEntry& entry = (*entries)[i];
      hints.before(i, entries->size(), pipeline_of, customer_of);
      if (const Result<void> loaded = restore.pipeline->load(entry.key, entry.value); !loaded) {
        return refuse(at, Refusal::state_unreadable,
                      fmt::format("{} partition {} offset {}: {}", options_.checks.changelog_topic, at.id,
                                  entry.offset, loaded.error().message));
      }
    }
    metrics_.restore_records.add(entries->size());
    if (!entries->empty() || from.progress() != at.restore_progress) restore.progress_at = steady;
    at.restore_progress = from.progress();
    metrics_.restore_waiting_open_txn.set(steady - restore.progress_at > 1s ? 1 : 0);
    if (steady - restore.progress_at > kStuckAfter) {
      const std::string trouble = from.trouble();
      return retry_restore(
          at, fmt::format("{} partition {} is readable up to offset {} of {}: {}",
                          options_.checks.changelog_topic, at.id, from.position(), from.bounds().high,
                          trouble.empty() ? "a transaction in it stays open" : trouble));
    }
    if (entries->empty() || steady - slice_begun >= kSlice) break;
    wait = Duration::zero();
  }
  if (from.done()) finish_restore(at);
}

void Lane::finish_restore(LanePartition& at) {
  metrics_.restore_waiting_open_txn.set(0);
  at.restore_progress = 1;
  const std::unique_ptr<LaneRestore> restore = std::move(at.restore);
  Pipeline& pipeline = *restore->pipeline;
  if (const Result<void> finished = pipeline.finish_load(); !finished) {
    return refuse(at, Refusal::state_unreadable, finished.error().message);
  }
  restore->facts.meta = pipeline.loaded_version();
  restore->facts.meta_group = pipeline.loaded_group();
  restore->facts.meta_partitions = pipeline.loaded_partition_count();
  restore->facts.meta_keys = pipeline.loaded_keys();
  restore->facts.missing_keys = pipeline.missing_keys();
  const CrossCheck check = cross_check(restore->facts, options_.checks);
  if (check.refusal != Refusal::none) {
    // Who slept between the questions may see the commits of a new owner, which is nothing that a person must decide.
    const Result<CommitVersion> again = source_->committed(at.id);
    if (!again) return retry_restore(at, again.error().message);
    if (*again != restore->facts.committed) {
      return retry_restore(at, "somebody else has committed the partition meanwhile");
    }
    return refuse(at, check.refusal, check.sentence);
  }

  at.pipeline = std::move(restore->pipeline);
  begin(at, restore->facts, check);
}

void Lane::begin(LanePartition& at, const CrossCheckFacts& facts, const CrossCheck& check) {
  at.stored = facts.committed;
  at.base = check.version;
  at.pipeline->resume_at(at.base);
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
  at.bootstrap_until = facts.bounds[kProfiles].high;
  metrics_.input_gap_records.add(check.gap);
  if (!check.sentence.empty() || check.gap > 0) {
    log(LogLevel::warn, "lane",
        check.sentence.empty() ? "input was deleted before it was read" : check.sentence,
        {{"lane", options_.lane}, {"partition", at.id}, {"lost_records", check.gap}});
  }

  if (at.pipeline->replaying()) {
    const CommitVersion& loaded = at.pipeline->loaded_version();
    at.replay_from = std::max(loaded.replay_from, facts.bounds[kTelemetry].low);
    at.replay_until = std::min(loaded.offsets[kTelemetry], facts.bounds[kTelemetry].high);
    at.expected[kTelemetry] = at.replay_from;
    at.state = PartitionState::replaying;
    log(LogLevel::info, "lane", "changelog read, replaying input that it does not reflect",
        {{"lane", options_.lane},
         {"partition", at.id},
         {"from", at.expected[kTelemetry]},
         {"until", at.replay_until}});
    if (at.expected[kTelemetry] >= at.replay_until) return end_replay(at);
    return want_assign();
  }
  start_reading(at);
}

// A record that the committed state knows already; what was learnt from it may be missing.
void Lane::replay(LanePartition& at, const InputRecord& record) {
  at.expected[kTelemetry] = record.offset + 1;
  if (record.offset < at.replay_until && !is_skipped(record)) at.pipeline->replay(record);
  if (at.expected[kTelemetry] >= at.replay_until) end_replay(at);
}

void Lane::end_replay(LanePartition& at) {
  at.pipeline->finish_replay();
  at.expected = at.base.offsets;
  at.record_at = steady_;
  start_reading(at);
}

void Lane::start_reading(LanePartition& at) {
  metrics_.restore_seconds.observe(clocks_.steady() - at.restore_begun);
  // Profiles come first where no telemetry has been seen yet: topics have no order among each other.
  const bool fresh = at.pipeline->max_event_time() == kNever;
  const bool bootstrap = options_.bootstrap_profiles && options_.checks.streams[kProfiles].on && fresh &&
                         at.expected[kProfiles] < at.bootstrap_until;
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
  at.restore.reset();
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
  at.restore.reset();
  if (was_read) commit(CommitTrigger::stop);
  at.state = PartitionState::refused;
  at.reason = std::move(sentence);
  if (at.pipeline != nullptr) count_work(at);
  hints_.forget();
  at.pipeline.reset();
  if (was_read) want_assign();
}

// A partition's state is dropped and read again.
void Lane::restart(LanePartition& at) {
  if (at.pipeline != nullptr) count_work(at);
  hints_.forget();
  at.pipeline.reset();
  at.state = PartitionState::restoring;
  at.restore.reset();
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
  hints_.forget();
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
  if (!assign_at_.has_value() || *assign_at_ > steady_) return;
  if (restore_waits() && steady_ - assigned_at_ < kAssignEvery) return;
  std::vector<PartitionStart> starts;
  for (const auto& at : partitions_) {
    if (!at->reads()) continue;
    PartitionStart start{at->id, at->expected};
    if (at->state == PartitionState::bootstrapping) start.offsets[kTelemetry] = CommitVersion::kNone;
    if (at->replaying()) start.offsets[kProfiles] = CommitVersion::kNone;
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
  assigned_at_ = steady_;
  assign_at_.reset();
}

}  // namespace proactive::daemon
