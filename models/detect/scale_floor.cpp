#include "models/detect/scale_floor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/detect/sample.h"

namespace proactive::models {

namespace {
constexpr double kMemory = 1000;
constexpr double kRelax = 1.0 / 5000;
}  // namespace

double ScaleFloor::floor(const State& s) const {
  const double noise = 0.05 * 1.2533 * double{s.deviation};
  const double range = 0.01 * (double{s.high} - double{s.low});
  return std::max({1e-9, noise, range});
}

void ScaleFloor::learn(State& s, double x) const {
  if (s.n == 0) {
    s = {static_cast<float>(x), 0, static_cast<float>(x), static_cast<float>(x), 1};
    return;
  }
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  const double gain = s.n < kMemory ? 1.0 / s.n : 1 / kMemory;
  const double residual = x - double{s.level};
  s.level = static_cast<float>(double{s.level} + gain * residual);
  s.deviation = static_cast<float>(double{s.deviation} + gain * (std::fabs(residual) - double{s.deviation}));
  s.high = static_cast<float>(std::max(x, double{s.high} + kRelax * (double{s.level} - double{s.high})));
  s.low = static_cast<float>(std::min(x, double{s.low} + kRelax * (double{s.level} - double{s.low})));
}

bool ScaleFloor::sane(const State& s) const {
  return std::fabs(double{s.level}) <= kLargestValue && double{s.high} <= kLargestValue &&
         double{s.low} >= -kLargestValue && s.high >= s.low && s.deviation >= 0 &&
         double{s.deviation} <= kLargestValue;
}

}  // namespace proactive::models
