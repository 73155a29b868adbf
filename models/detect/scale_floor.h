// ScaleFloor is the smallest scale by which a deviation of a series is measured, taken from the raw signal.
//
//   floor = max(1e-9, 0.05 * 1.2533 * deviation, 0.01 * (high - low))
//
// deviation: decayed mean absolute deviation (memory 1000 samples); high, low: running extremes that relax towards the
// level by 1/5000 a sample. Without it a constant or quantised series would give infinite z. There is no term in the
// level: that would hide drops of a signal near a large constant, such as an availability of 100.
// Cost: about 5 ns. State: 20 B. Clock and allocation: none.
// Not for: units in which 1e-9 is a large value.
#pragma once

#include <cstdint>

namespace proactive::models {

class ScaleFloor {
 public:
  struct State {
    float level = 0, deviation = 0, high = 0, low = 0;
    std::uint32_t n = 0;
  };
  static_assert(sizeof(State) == 20);

  [[nodiscard]] double floor(const State& state) const;
  void learn(State& state, double x) const;  // after scoring
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
