#include "models/detect/jump.h"

#include <cmath>
#include <limits>

namespace proactive::models {

namespace {
constexpr double kMemory = 1000;
constexpr double kClip = 4;  // scales
constexpr double kMostBuckets = 3;
}  // namespace

Reading Jump::update(State& s, double x, double floor, double buckets) const {
  const bool comparable = s.seen != 0 && buckets <= kMostBuckets;
  const double step = x - s.previous;
  s.previous = x;
  s.seen = 1;
  if (!comparable) return {};

  Reading reading;
  reading.ready = s.n >= kSilentUntil;
  reading.expected = x - step + double{s.step.mean};
  reading.scale = s.step.scale(floor);
  reading.z = (step - double{s.step.mean}) / reading.scale;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.step.learn(step, s.n, kMemory, kClip, floor);
  return reading;
}

bool Jump::sane(const State& s) const {
  return std::fabs(s.previous) <= kLargestValue && s.step.sane() && s.seen <= 1;
}

}  // namespace proactive::models
