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
constexpr Duration kStalledAfter = 1s;  // without progress: another one may begin beside it
constexpr int kMostOpenRestores = 2;    // each has a client with a queue of its own
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
// after the other, and who was tried least comes first; a restore that stands still, as behind an open transaction, holds
// up no other.
void Lane::restore_next() {
  LanePartition* next = nullptr;
  int open = 0, going = 0;
  for (const auto& at : partitions_) {
    if (at->state != PartitionState::restoring || at->retry_at > steady_) continue;
    if (warm_.holds(at->id)) {  // two questions, so it waits for no turn
      check_warm(*at);
      return publish(true);
    }
    if (at->restore != nullptr) {
      ++open;
      if (!stalled(*at, steady_)) ++going;
    } else if (next == nullptr || at->restore_attempts < next->restore_attempts) {
      next = at.get();
    }
  }
  bool news = false;
  if (next != nullptr && going == 0 && open < kMostOpenRestores) {
    begin_restore(*next);
    if (next->restore != nullptr) ++going;
    news = true;
  }
  for (const auto& at : partitions_) {
    if (ended() || at->restore == nullptr) continue;
    const bool looks_only = going > 0 && stalled(*at, steady_);
    restore_slice(*at, records_flow_ || looks_only ? Duration::zero() : kReadWait);
    news = news || at->state != PartitionState::restoring;
  }
  measure_restores();
  publish(news);
}

bool Lane::stalled(const LanePartition& at, Duration steady) {
  return at.restore != nullptr && steady - at.restore->progress_at > kStalledAfter;
}

// What the outside is told of them.
void Lane::measure_restores() {
  const Duration steady = clocks_.steady();
  std::int64_t left = 0, passed = 0;
  std::size_t waiting = 0;
  bool any = false, stands = false;
  for (const auto& at : partitions_) {
    if (at->state != PartitionState::restoring) continue;
    any = true;
    if (at->restore == nullptr) {
      ++waiting;
      continue;
    }
    const ChangelogReader& reader = *at->restore->reader;
    passed += reader.position() - at->restore->paced;
    at->restore->paced = reader.position();
    left += std::max<std::int64_t>(reader.bounds().high - reader.position(), 0);
    stands = stands || stalled(*at, steady);
  }
  metrics_.restore_waiting_open_txn.set(stands ? 1 : 0);
  if (!any) pace_.reset();
  if (any && paced_at_ != Duration::min()) pace_.passed(passed, steady - paced_at_);
  paced_at_ = any ? steady : Duration::min();
  restore_eta_ = pace_.remaining(left, waiting);
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
  restore->paced = restore->reader->bounds().low;
  pace_.opened(restore->reader->bounds().high - restore->paced);
  at.restore = std::move(restore);
}

// `wait`: for the first records of the slice.
void Lane::restore_slice(LanePartition& at, Duration wait) {
  LaneRestore& restore = *at.restore;
  ChangelogReader& from = *restore.reader;
  const Duration slice_begun = clocks_.steady();
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
  metrics_.restore_seconds.observe(clocks_.steady() - at.restore_begun);
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
  metrics_.restore_seconds.observe(clocks_.steady() - at.restore_begun);
  start_reading(at);
}

void Lane::start_reading(LanePartition& at) {
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

void Lane::retry_restore(LanePartition& at, const std::string& why) {
  const Duration wait = std::min(kFirstRetry * (1 << std::min(at.restore_attempts, 6)), kLongestRetry);
  ++at.restore_attempts;
  at.restore.reset();
  at.retry_at = clocks_.steady() + wait;
  at.reason = why;
  last_error_ = why;
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

}  // namespace proactive::daemon
