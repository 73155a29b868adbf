// What a lane is told at its start, apart from rules and pipeline setup.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader/daemon_config.h"
#include "daemon/io/cross_check.h"
#include "daemon/io/partition_hash.h"
#include "daemon/io/warm_partitions.h"

namespace proactive::daemon {

// One telemetry record, by its place.
struct RecordPlace {
  std::string topic;
  PartitionId partition = 0;
  std::int64_t offset = 0;
};
// "TOPIC:PARTITION:OFFSET"
[[nodiscard]] Result<RecordPlace> parse_record_place(std::string_view text);

struct LaneOptions {
  int lane = 0;
  Duration commit_interval = std::chrono::milliseconds(500);
  Duration outreach_delay =
      std::chrono::milliseconds(5);  // age of an outreach or decision that makes a commit due
  Duration outreach_spacing = std::chrono::milliseconds(
      20);  // but not sooner than this after the last commit, nor than that one took
  std::uint64_t commit_max_records = 50'000;
  std::size_t commit_max_bytes = std::size_t{32} << 20;
  std::optional<Duration> idle_after =
      std::chrono::seconds(30);  // nullopt: wall time never moves the watermark
  bool bootstrap_profiles = true;
  Partitioner partitioner = Partitioner::murmur2;
  std::uint32_t poison_consecutive = 100;
  double poison_ratio = 0.2;
  bool stop_on_poison = true;
  Duration stopped_retry = std::chrono::minutes(5);
  WarmLimits warm;                        // of state whose partition the group has taken
  std::vector<RecordPlace> skip_records;  // put to the dead letters unseen: what made the process abort
  CrossCheckRules checks;                 // streams, group, partition count, accept_* and skip_lost_input
};

// From the configuration; `accept_*`, `partition_count` and the memory of `warm` are the caller's.
[[nodiscard]] LaneOptions lane_options(const config::KafkaConfig& kafka, int lane,
                                       std::int32_t partition_count);

// Time as functions, so that tests drive a lane without waiting. Both are called on the lane's thread.
struct LaneClocks {
  std::function<Timestamp()> now;    // wall clock
  std::function<Duration()> steady;  // from any fixed origin, never backwards
};
[[nodiscard]] LaneClocks system_clocks();

enum class LaneEndReason : std::uint8_t {
  none,      // it runs
  drained,   // by order, after a final commit
  finished,  // files: the input is read
  twin,      // another process has our instance name or transactional id
  failed     // the clients cannot go on: start again
};

struct LaneEnd {
  LaneEndReason reason = LaneEndReason::none;
  std::string message;
};

}  // namespace proactive::daemon
