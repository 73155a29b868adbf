// Robust is a mean and a scale that no single value can carry off.
//
//   r = x - mean, clipped to +-clip scales once 10 values are known;   g = max(1/memory, 1/n)
//   mean += g r;   deviation += g (|r| - deviation);   scale = max(1.2533 deviation, floor)
//
// 1.2533 makes a mean absolute deviation a standard deviation of a normal. Source: Huber 1964.
// Cost: about 5 ns. State: 8 B; the number of values is its owner's. Clock and allocation: none.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "models/detect/sample.h"

namespace proactive::models {

struct Robust {
  float mean = 0, deviation = 0;

  [[nodiscard]] double scale(double floor) const { return std::max(1.2533 * double{deviation}, floor); }
  // `n`: values including x. REQUIRES: x finite.
  void learn(double x, std::uint32_t n, double memory, double clip, double floor) {
    constexpr std::uint32_t kUnclippedUntil = 10;
    const double gain = n < memory ? 1.0 / n : 1 / memory;
    const double limit = clip * scale(floor);
    const double off = x - double{mean};
    const double residual = n > kUnclippedUntil ? std::clamp(off, -limit, limit) : off;
    mean = static_cast<float>(double{mean} + gain * residual);
    deviation = static_cast<float>(double{deviation} + gain * (std::fabs(residual) - double{deviation}));
  }
  [[nodiscard]] bool sane() const {
    return std::fabs(double{mean}) <= kLargestValue && deviation >= 0 && double{deviation} <= kLargestValue;
  }
};
static_assert(sizeof(Robust) == 8);

}  // namespace proactive::models
