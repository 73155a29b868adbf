#include "models/detect/ewma.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {

namespace {
constexpr double kMeanMemory = 100, kDeviationMemory = 200;
constexpr double kClip = 3;  // scales
constexpr double kMostGapGain = 0.2;
constexpr std::uint32_t kUnclippedUntil = 10, kSilentUntil = 20;
}  // namespace

Reading Ewma::update(State& s, double x, double floor, double buckets) const {
  if (s.n == 0) {
    s = {x, 0, 1};
    return {};
  }
  const double deviation = double{s.deviation};
  const double residual = x - s.mean;
  Reading reading;
  reading.ready = s.n >= kSilentUntil;
  reading.expected = s.mean;
  reading.scale = std::max(1.2533 * deviation, floor);
  reading.z = residual / reading.scale;

  const double clip = kClip * reading.scale;
  const double learnt = s.n > kUnclippedUntil ? std::clamp(residual, -clip, clip) : residual;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  double gain = s.n < kMeanMemory ? 1.0 / s.n : 1 / kMeanMemory;
  const double deviation_gain = s.n < kDeviationMemory ? 1.0 / s.n : 1 / kDeviationMemory;
  if (buckets > 1.5) gain = std::max(gain, std::min(kMostGapGain, -math::expm1(buckets * math::log1p(-gain))));
  s.mean += gain * learnt;
  s.deviation = static_cast<float>(deviation + deviation_gain * (std::fabs(learnt) - deviation));
  return reading;
}

bool Ewma::sane(const State& s) const {
  return std::fabs(s.mean) <= kLargestValue && s.deviation >= 0 && double{s.deviation} <= kLargestValue;
}

}  // namespace proactive::models
