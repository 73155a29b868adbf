// Joint is `multi` (multi.h) for one entity of the daemon: a cohort of its own, in one block of plain bytes.
//
// A row holds what each measure's own forecaster did not expect, so a rhythm of the day is taken out before. The first
// 100 rows are the baseline and are not judged. Learning goes on outside alarms with a memory of 1000 rows; an alarm
// opens at a ratio of 1.6, closes after three rows below 1, and is taken for the new normal after 500 rows.
// ratio = surprise / 2.25, the -log10 p that 200 quiet rows reach; its onset by event time (onset.h).
// Cost: the matrices are made anew from the block at each row, d^3 (docs/models/cost.md). Allocation: in the constructor.
// State: 8 d^2 + 72 d + 160 B. Clock: the elapsed event time is an argument. Owner: one thread, whose rows share a workspace.
// Why alone and not with a cohort: docs/decisions/0019.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "models/base/score.h"
#include "models/base/time.h"
#include "models/detect/multi.h"

namespace proactive::models {

// Changes with any constant of multi*.cpp, tail.cpp or joint.cpp: stored states of the old ones then start cold.
inline constexpr std::string_view kJointParams =
    "joint 100 1000 1.6 3 500 typical 2.25; onset 18h 1.25; multi span 8 clip 8 own 4 0.5 inflation 20 25 "
    "excess 20 5 "
    "settling 16 renewal 8 64 32 least 8 shrinkage 0.03 tail 2.05 0.4 0.32";

struct JointReading {
  Score score;  // without expected, low, high and direction: there is no one side of a distance
  std::array<MultiReading::Contributor, MultiReading::kContributors> contributors{};
};

class Joint {
 public:
  static constexpr std::size_t kMostMeasures = 8;
  // REQUIRES: 2 to kMostMeasures measures.
  explicit Joint(std::size_t measures);
  ~Joint();
  Joint(Joint&&) noexcept;
  Joint& operator=(Joint&&) noexcept;

  [[nodiscard]] std::size_t state_bytes() const { return state_bytes_; }
  void init(std::span<std::byte> state) const;
  // A value that is not finite is missing. Not ready: baseline, or fewer than two values. REQUIRES: state_bytes(), made by init() or
  // found sane(); one value per measure.
  [[nodiscard]] JointReading update(std::span<std::byte> state, std::span<const double> row,
                                    Duration elapsed) const;
  [[nodiscard]] bool sane(std::span<const std::byte> state) const;

 private:
  struct Workspace;

  std::size_t measures_, state_bytes_ = 0;
  std::unique_ptr<Workspace> work_;
};

}  // namespace proactive::models
