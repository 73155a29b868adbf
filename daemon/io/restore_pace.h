// How long will the restores of a lane still take? From how fast changelog offsets went by lately and how many are left.
//
// An estimate: offsets are not records (compaction leaves holes), and of a partition whose turn has not come nothing is
// known, so it counts as long as the mean of those that were opened. Owner and thread: one lane. Clock: handed in. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "models/base/time.h"

namespace proactive::daemon {

class RestorePace {
 public:
  // A changelog was opened; `span`: its offsets from begin to end.
  void opened(std::int64_t span);
  // `offsets` went by in a slice that took `took`.
  void passed(std::int64_t offsets, Duration took);
  // No restore waits any more: the next ones are counted afresh.
  void reset() { *this = RestorePace(); }

  // `left`: offsets of opened changelogs that are not read; `waiting`: partitions that are not opened. nullopt: nothing
  // is known yet.
  [[nodiscard]] std::optional<Duration> remaining(std::int64_t left, std::size_t waiting) const;

 private:
  // Slices are forgotten by halves, so that the estimate follows what the brokers give now.
  static constexpr Duration kWindow = std::chrono::seconds(10);
  static constexpr Duration kLeast =
      std::chrono::milliseconds(200);  // before that one slice would be the estimate

  double offsets_ = 0, seconds_ = 0;
  std::int64_t opened_spans_ = 0;
  std::size_t opened_ = 0;
};

}  // namespace proactive::daemon
