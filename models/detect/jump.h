// Jump notices a step from one bucket to the next.
//
//   d = x - previous x;   z = (d - mean) / max(1.2533 deviation, floor)
//   mean, deviation: of the steps, memory 1000 samples, clipped to +-4 scales (robust.h)
//
// Odd when steps of about that size and sign are rare on this series (density_tail.h).
// Source: differencing, Box and Jenkins 1970. Cost: about 10 ns. State: 24 B. Clock and allocation: none.
// Silent until 20 steps are known, and after a gap of more than 3 buckets, which is not one step.
// Parameters: none. Not for: faults that come slowly (use drift). A spike speaks twice, up and down; onset merges them.
#pragma once

#include <cstdint>

#include "models/detect/robust.h"
#include "models/detect/sample.h"

namespace proactive::models {

class Jump {
 public:
  static constexpr std::uint32_t kSilentUntil = 20;

  struct State {
    double previous = 0;
    Robust step;
    std::uint32_t n = 0;     // steps
    std::uint32_t seen = 0;  // 1: there is a previous value
  };
  static_assert(sizeof(State) == 24);

  // Scores the step to x, then learns it. `buckets`: how many buckets ago the last sample was. REQUIRES: x finite, floor > 0.
  [[nodiscard]] Reading update(State& state, double x, double floor, double buckets) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
