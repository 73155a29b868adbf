// What a lane counts and publishes. Numbers without labels of unbounded size are relaxed atomics with one writer;
// everything that belongs to a partition, a rule or a dead letter's code is in a LaneStatus, an immutable snapshot
// that the lane replaces about once a second.
//
// Writer: one lane. Readers: the HTTP thread and the watchdog. Cost per count: one relaxed load and store.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/codec/record.h"
#include "daemon/pipeline/counts.h"
#include "models/base/time.h"

namespace proactive::daemon {

class Count {
 public:
  void add(std::uint64_t n = 1) { set(get() + n); }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Fixed upper bounds from 5 ms to 5 min; the last bucket is +Inf.
class DurationHistogram {
 public:
  static constexpr std::array<double, 14> kBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                  1,     2.5,  5,     10,   30,  60,   300};
  void observe(Duration duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    std::size_t at = 0;
    while (at < kBounds.size() && seconds > kBounds[at]) ++at;
    buckets_[at].add();
    if (duration > Duration::zero()) sum_micros_.add(static_cast<std::uint64_t>(duration.count()));
  }
  // Not cumulative; kBounds.size() + 1 of them.
  [[nodiscard]] std::uint64_t bucket(std::size_t at) const { return buckets_[at].get(); }
  [[nodiscard]] double sum_seconds() const { return static_cast<double>(sum_micros_.get()) / 1e6; }

 private:
  std::array<Count, kBounds.size() + 1> buckets_;
  Count sum_micros_;
};

// Why a transaction was committed.
enum class CommitTrigger : std::uint8_t {
  interval,
  outreach,
  records,
  bytes,
  undo,
  start,
  revoke,
  reload,
  stop
};
inline constexpr std::size_t kCommitTriggers = 9;
[[nodiscard]] std::string_view to_string(CommitTrigger trigger);

// Why a transaction was undone: a write failed, the commit failed, its outcome was unknown and it had not committed, the
// partitions were lost, the brokers refused one of its records.
enum class AbortCause : std::uint8_t { write, commit, unknown, lost, refused };
inline constexpr std::size_t kAbortCauses = 5;
[[nodiscard]] std::string_view to_string(AbortCause cause);

// What an unknown outcome turned out to be, per partition.
enum class RebuildOutcome : std::uint8_t { committed, rolled_back, foreign };
inline constexpr std::size_t kRebuildOutcomes = 3;
[[nodiscard]] std::string_view to_string(RebuildOutcome outcome);

// What became of held state of a partition that the group had taken: used again; or dropped, because somebody else has
// committed the partition meanwhile, because committed offsets or input no longer fit it otherwise, after its time, for
// memory, or because the rules changed.
enum class WarmEnd : std::uint8_t { reused, overtaken, unfit, expired, memory, rules };
inline constexpr std::size_t kWarmEnds = 6;
[[nodiscard]] std::string_view to_string(WarmEnd end);

// `replaying`: the changelog is loaded, and input that it does not reflect yet is read again, telling nobody.
// `stopped`: too many bad records, or what it writes is not taken; retried. `refused`: state and input do not fit, a person must decide.
// `incomplete`: the group gave us the partition without all of its input topics.
enum class PartitionState : std::uint8_t {
  restoring,
  replaying,
  bootstrapping,
  running,
  stopped,
  refused,
  incomplete
};
inline constexpr std::size_t kPartitionStates = 7;
[[nodiscard]] std::string_view to_string(PartitionState state);

struct PartitionStatus {
  PartitionId partition = 0;
  PartitionState state = PartitionState::restoring;
  std::string reason;  // why it is stopped or refused: one sentence
  std::array<std::int64_t, kStreamKinds> next_offsets{};
  std::array<std::int64_t, kStreamKinds> committed_offsets{};
  std::array<std::int64_t, kStreamKinds>
      lag{};  // records up to the last stable offset; -1: unknown or stream off
  std::uint64_t version = 0;
  Timestamp watermark = kNever;
  std::uint64_t state_bytes = 0, undo_bytes = 0;
  double restore_progress = 0;  // 0..1
  double replay_progress = 0;   // 0..1, of the input that is read again behind the changelog
};

struct RuleEffects {
  std::string rule;
  EffectCounts::PerRule counts;
};

struct DeadLetterCount {
  std::string stage, code;
  std::uint64_t count = 0;
};

// Immutable once published.
struct LaneStatus {
  int lane = 0;
  bool joined = false;  // we have an assignment of the group's, be it empty; false while a rebalance goes on
  Timestamp at = kNever;
  std::uint64_t rules_hash = 0;
  std::string last_error;
  std::vector<PartitionStatus> partitions;
  std::optional<Duration> restore_eta =
      Duration::zero();  // until no partition is restoring; an estimate; nullopt: not known yet
  PipelineCounts work;   // sums since the start, partitions of the past included; sizes are present ones
  std::shared_ptr<const std::vector<RuleEffects>> effects;  // committed; rules of the past have gone
  std::vector<DeadLetterCount> dead_letters;                // committed
  bool source_silent = false;  // all telemetry of the lane has been silent for 60 s
};

struct alignas(64) LaneMetrics {
  Count heartbeat_micros;  // steady clock, each turn of the loop and each slice of a restore
  Count busy_micros;
  std::array<Count, kStreamKinds> records, record_bytes;
  Count stale_records, input_gap_records, misplaced_customers, oversized_outputs;
  std::array<Count, kCommitTriggers> commits;
  std::array<Count, kAbortCauses> aborts;
  std::array<Count, kRebuildOutcomes> rebuilds;
  Count rebalances;
  Count transaction_records;
  Count changelog_records, changelog_bytes;
  Count undo_bytes, state_bytes;
  Count restore_records, restore_waiting_open_txn, restores_refused;
  Count warm_held;  // partitions whose state was kept when the group took them
  std::array<Count, kWarmEnds> warm_ended;
  Count warm_partitions, warm_bytes;  // held now
  DurationHistogram commit_seconds, restore_seconds, outreach_latency_seconds;

  void publish(std::shared_ptr<const LaneStatus> status) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  // Never null.
  [[nodiscard]] std::shared_ptr<const LaneStatus> status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  mutable std::mutex mutex_;  // held for the copy of one pointer
  std::shared_ptr<const LaneStatus> status_ = std::make_shared<const LaneStatus>();
};

}  // namespace proactive::daemon
