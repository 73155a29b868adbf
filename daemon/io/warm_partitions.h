// State of partitions that the group took from a lane and may give back soon: an eager rebalance takes all of them each
// time. It is held with the version of its last commit, which is what Kafka must still hold for it to be used again.
//
// Owner and thread: one lane. Bounds: each is held for at most `hold_for`; together with what the lane's partitions
// hold they fill at most kShare percent of the lane's share of the memory. Who is beyond a bound is dropped and counted
// by WarmEnd; a dropped partition is restored from its changelog. Cost: a few dozen entries, searched one by one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/codec/commit_version.h"
#include "daemon/io/lane_metrics.h"
#include "daemon/pipeline/pipeline.h"

namespace proactive::daemon {

struct WarmLimits {
  Duration hold_for = std::chrono::seconds(60);  // zero: nothing is held
  // State of the lane's partitions, restores on their way and held state together; 0: no bound.
  std::size_t state_bytes = 0;
};

struct WarmPartition {
  PartitionId id = 0;
  std::unique_ptr<Pipeline> pipeline;  // of rules that are still in use; no transaction is open in it
  CommitVersion version;               // of its last commit, as Kafka confirmed it
  Duration since{};                    // steady time
};

class WarmPartitions {
 public:
  static constexpr std::size_t kShare = 90;  // percent of state_bytes

  WarmPartitions(const WarmLimits& limits, LaneMetrics& metrics) : limits_(limits), metrics_(metrics) {}

  // REQUIRES: !holds(id); the pipeline has no open transaction.
  void hold(WarmPartition partition);
  [[nodiscard]] bool holds(PartitionId id) const;
  // Takes it out; the caller says with end() what became of it. REQUIRES: holds(id).
  [[nodiscard]] WarmPartition take(PartitionId id);
  void end(WarmEnd how) { metrics_.warm_ended[static_cast<std::size_t>(how)].add(); }

  // Drops what is held too long, then the oldest until all is within the memory again. `live_bytes`: state of the
  // lane's partitions.
  void shed(Duration steady, std::size_t live_bytes);
  void drop_all(WarmEnd why);

  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] std::size_t count() const { return held_.size(); }
  [[nodiscard]] std::size_t bytes() const;

 private:
  const WarmLimits limits_;
  LaneMetrics& metrics_;
  std::vector<WarmPartition> held_;  // the oldest first
};

}  // namespace proactive::daemon
