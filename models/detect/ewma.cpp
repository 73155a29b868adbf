#include "models/detect/ewma.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {

namespace {
constexpr double kMemoryHours = 25, kLeastMemory = 25,
                 kMostMemory = 100;  // samples of the mean; the deviation's is twice
constexpr double kDeviationMemory = 200;
// Two samples outside in a row still teach the deviation, a longer run is an incident. The half keeps rounding out of it.
constexpr double kStillNoise = 2.5;
// A day is what people call the new normal; a series of minutes has shown it sooner.
constexpr double kAcceptAfterHours = 24, kAcceptAfterSamples = 300, kLeastAcceptHours = 1, kAcceptGain = 0.1;
constexpr double kMostGapCounted = 3;  // buckets: one sample after a long silence is not a day of evidence
constexpr double kClip = 3;            // scales
constexpr double kMostGapGain = 0.2;
constexpr std::uint32_t kUnclippedUntil = 10;
}  // namespace

Reading Ewma::update(State& s, double x, double floor, double buckets, double step_hours) const {
  if (s.n == 0) {
    s = {x, 0, 1, 0};
    return {};
  }
  const double deviation = double{s.deviation};
  const double residual = x - s.mean;
  Reading reading;
  reading.ready = s.n >= kSilentUntil;
  reading.expected = s.mean;
  reading.scale = std::max(1.2533 * deviation, floor);
  reading.z = residual / reading.scale;

  const bool outside = s.n > kUnclippedUntil && std::fabs(reading.z) > kClip;
  const double hours = std::min(buckets, kMostGapCounted) * step_hours;
  const double before = double{s.outside_hours};
  const double now = !outside ? 0 : (before * residual > 0 ? before : 0) + std::copysign(hours, residual);
  s.outside_hours = static_cast<float>(now);
  const double enough =
      std::min(kAcceptAfterHours, std::max(kLeastAcceptHours, kAcceptAfterSamples * step_hours));
  const bool accepted = std::fabs(now) >= enough;

  const double memory = std::clamp(kMemoryHours / std::max(step_hours, 1e-6), kLeastMemory, kMostMemory);
  const double clip = kClip * reading.scale;
  const double learnt = s.n > kUnclippedUntil && !accepted ? std::clamp(residual, -clip, clip) : residual;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  double gain = s.n < memory ? 1.0 / s.n : 1 / memory;
  const double deviation_gain = s.n < kDeviationMemory ? 1.0 / s.n : 1 / kDeviationMemory;
  if (buckets > 1.5)
    gain = std::max(gain, std::min(kMostGapGain, -math::expm1(buckets * math::log1p(-gain))));
  if (accepted) gain = std::max(gain, kAcceptGain);
  s.mean += gain * learnt;
  if (std::fabs(now) <= kStillNoise * step_hours) {
    s.deviation = static_cast<float>(deviation + deviation_gain * (std::fabs(learnt) - deviation));
  }
  return reading;
}

bool Ewma::sane(const State& s) const {
  return std::fabs(double{s.outside_hours}) <= 1e9 && std::fabs(s.mean) <= kLargestValue &&
         s.deviation >= 0 && double{s.deviation} <= kLargestValue;
}

}  // namespace proactive::models
