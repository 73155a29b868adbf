#include "models/detect/volatility.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace proactive::models {

namespace {
constexpr double kGain = 2.0 / 21;
constexpr double kLargestZ = 6;  // one spike lifts f by half a scale of the level
constexpr double kCalmZ = 2.5, kOrdinaryZ = 2;
constexpr double kMemory = 2000;
constexpr double kClip = 4;     // scales
constexpr double kFloor = 0.1;  // of f, which is in scales of the level
}  // namespace

Reading Volatility::update(State& s, double z) const {
  const double f = double{s.f} + kGain * (std::min(std::fabs(z), kLargestZ) - double{s.f});
  s.f = static_cast<float>(f);
  const double calm = double{s.calm} + kGain * (std::min(std::fabs(z), kCalmZ) - double{s.calm});
  s.calm = static_cast<float>(calm);

  Reading reading;
  reading.ready = s.n >= kSilentUntil;
  reading.expected = double{s.usual.mean};
  reading.scale = s.usual.scale(kFloor);
  reading.z = std::max(0.0, (f - reading.expected) / reading.scale);
  if (std::fabs(z) < kOrdinaryZ && calm < f) {
    reading.calm_z = std::max(0.0, (calm - reading.expected) / reading.scale);
  }
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.usual.learn(f, s.n, kMemory, kClip, kFloor);
  return reading;
}

bool Volatility::sane(const State& s) const {
  return s.f >= 0 && double{s.f} <= kLargestZ && s.calm >= 0 && double{s.calm} <= kCalmZ &&
         std::fabs(double{s.usual.mean}) <= kLargestZ && s.usual.deviation >= 0 &&
         double{s.usual.deviation} <= 2 * kLargestZ;
}

}  // namespace proactive::models
