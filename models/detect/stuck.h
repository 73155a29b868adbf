// Stuck notices a live signal that stopped moving.
//
//   f += (log(|x - previous| + floor) - f) 2/13;   z = (f - mean) / max(1.2533 deviation, 0.3), memory 1000, clipped to +-4
//
// Only the low side speaks: f far below its usual value. Off while the usual step is not above twice the floor: a signal
// that hardly ever moves cannot be seen to stop.
// Source: our own; the smoothing after Roberts 1959. Cost: about 20 ns. State: 32 B. Clock and allocation: none.
// Silent until 100 steps are known. Gap of more than 3 buckets: no step. Parameters: none (span 12).
// Not for: counts of rare events, settings, levels that rest by design.
#pragma once

#include <cstdint>

#include "models/detect/robust.h"
#include "models/detect/sample.h"

namespace proactive::models {

class Stuck {
 public:
  static constexpr std::uint32_t kSilentUntil = 100;

  struct State {
    double previous = 0;
    float f = 0;
    Robust usual;
    std::uint32_t n = 0;     // steps
    std::uint32_t seen = 0;  // 1: there is a previous value
    std::uint32_t reserved = 0;
  };
  static_assert(sizeof(State) == 32);

  // Scores x, then learns it; z is 0 on the high side. REQUIRES: x finite, floor > 0.
  [[nodiscard]] Reading update(State& state, double x, double floor, double buckets) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
