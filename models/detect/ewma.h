// Ewma notices a value far from its recent level.
//
//   r = x - mean, clipped to +-3 scales once 10 samples are known;   z = r / max(1.2533 deviation, floor)
//   mean += max(1/N, 1/n) r, N = 25 hours but 25..100 samples;   deviation += max(1/200, 1/n) (|r| - deviation)
//
// Of a run of samples more than 3 scales off on one side only the first two teach the deviation: the rest is an incident,
// not noise. After 24 hours of it, or 300 samples if that is sooner, but never less than an hour, the level has moved for good:
// the mean then follows unclipped, with a gain of 0.1.
// Source: Roberts 1959; the clipping after Huber 1964. Cost: about 10 ns. State: 24 B. Clock and allocation: none.
// The mean is a double, since a level of 1e9 with a noise of 1 does not fit a float. Silent until 20 samples.
// After a gap of d buckets the mean's gain is 1 - (1 - a)^d, at most 0.2: silence is not evidence.
// Not for: daily cycles (they only widen the scale; use seasonal), slow drift (it follows).
#pragma once

#include <cstdint>

#include "models/detect/sample.h"

namespace proactive::models {

class Ewma {
 public:
  static constexpr std::uint32_t kSilentUntil = 20;

  struct State {
    double mean = 0;
    float deviation = 0;
    std::uint32_t n = 0;
    float outside_hours =
        0;  // how long all samples were more than 3 scales off on one side; the sign is the side
    std::uint32_t reserved = 0;
  };
  static_assert(sizeof(State) == 24);

  // Scores x, then learns it. `buckets`: how many buckets ago the last sample was. REQUIRES: x finite, floor > 0.
  // `step_hours`: the width of a bucket.
  [[nodiscard]] Reading update(State& state, double x, double floor, double buckets, double step_hours) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
