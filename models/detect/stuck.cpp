#include "models/detect/stuck.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {

namespace {
constexpr double kGain = 2.0 / 13;
constexpr double kMemory = 1000;
constexpr double kClip = 4;  // scales
constexpr double kFloor = 0.3;
constexpr double kMostBuckets = 3;
}  // namespace

Reading Stuck::update(State& s, double x, double floor, double buckets) const {
  const bool comparable = s.seen != 0 && buckets <= kMostBuckets;
  const double step = math::log(std::fabs(x - s.previous) + floor);
  s.previous = x;
  s.seen = 1;
  if (!comparable) return {};

  const double f = s.n == 0 ? step : double{s.f} + kGain * (step - double{s.f});
  s.f = static_cast<float>(f);
  Reading reading;
  reading.ready = s.n >= kSilentUntil && double{s.usual.mean} > math::log(2 * floor);
  reading.expected = double{s.usual.mean};
  reading.scale = s.usual.scale(kFloor);
  reading.z = std::min(0.0, (f - reading.expected) / reading.scale);
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.usual.learn(f, s.n, kMemory, kClip, kFloor);
  return reading;
}

bool Stuck::sane(const State& s) const {
  return std::fabs(s.previous) <= kLargestValue && std::fabs(double{s.f}) <= 1e3 && s.usual.sane() &&
         std::fabs(double{s.usual.mean}) <= 1e3 && s.seen <= 1;
}

}  // namespace proactive::models
