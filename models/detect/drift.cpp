#include "models/detect/drift.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace proactive::models {

namespace {
constexpr double kGain = 2.0 / 13;
constexpr double kLargestZ = 20;
constexpr double kCalmZ = 3, kOrdinaryZ = 2;
constexpr double kMemory = 2000;
constexpr double kClip = 4;     // scales
constexpr double kFloor = 0.1;  // of f, which is in scales of the level
}  // namespace

Reading Drift::update(State& s, double z) const {
  const double f = double{s.f} + kGain * (std::clamp(z, -kLargestZ, kLargestZ) - double{s.f});
  s.f = static_cast<float>(f);
  const double calm = double{s.calm} + kGain * (std::clamp(z, -kCalmZ, kCalmZ) - double{s.calm});
  s.calm = static_cast<float>(calm);

  Reading reading;
  reading.ready = s.n >= kSilentUntil;
  reading.expected = double{s.usual.mean};
  reading.scale = s.usual.scale(kFloor);
  reading.z = (f - reading.expected) / reading.scale;
  if (std::fabs(z) < kOrdinaryZ && std::fabs(calm) < std::fabs(f)) {
    reading.calm_z = (calm - reading.expected) / reading.scale;
  }
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.usual.learn(f, s.n, kMemory, kClip, kFloor);
  return reading;
}

bool Drift::sane(const State& s) const {
  return std::fabs(double{s.f}) <= kLargestZ && std::fabs(double{s.calm}) <= kCalmZ &&
         std::fabs(double{s.usual.mean}) <= kLargestZ && s.usual.deviation >= 0 &&
         double{s.usual.deviation} <= 2 * kLargestZ;
}

}  // namespace proactive::models
