#include "models/detect/forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"
#include "models/detect/sample.h"

namespace proactive::models {

namespace {
constexpr double kLevelGain = 0.1, kTrendGain = 0.01;
constexpr double kTrendNoise = 0.022;
constexpr double kMemory = 200;
constexpr double kClip = 3;  // deviations
constexpr double kSpeaks = 0.8;
constexpr double kMostGap = 100;  // buckets that a trend is trusted for
// The part of a trend that noise of this size does not explain: nothing up to three times the noise.
double believed(double trend, double noise) {
  constexpr double kDoubt = 9;
  const double share = 1 - kDoubt * noise * noise / (trend * trend);
  return share > 0 ? share * trend : 0;  // of a trend of 0 the share is -inf
}

}  // namespace

Forecast::Verdict Forecast::update(State& s, double x, double floor, double buckets) const {
  if (s.n == 0) s.level = x - s.trend;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.level += std::min(buckets, kMostGap) * s.trend;
  const double limit = kClip * s.error.scale(floor);
  const double error = x - s.level;
  const double learnt = s.n > 10 ? std::clamp(error, -limit, limit) : error;
  // Faster while little is known; a trend needs its level first.
  const double gain = std::max(kLevelGain, 1.0 / s.n);
  s.level += gain * learnt;
  if (s.n > 10) s.trend += kTrendGain * learnt;
  s.error.learn(error, s.n, kMemory, kClip, floor);
  if (s.n < kSilentUntil) return {};

  Verdict verdict;
  verdict.ready = true;
  const double side = params_.side == Direction::low ? -1 : 1;
  const double deviation = s.error.scale(floor);
  const double distance = side * (params_.limit - s.level),
               drift = side * believed(s.trend, kTrendNoise * deviation);
  const double sigma =
      deviation * std::sqrt(kLevelGain * kLevelGain + params_.horizon * kTrendNoise * kTrendNoise);
  verdict.probability = distance <= 0 ? 1 : math::first_passage(distance, drift, sigma, params_.horizon);
  verdict.buckets_left = distance <= 0                         ? 0
                         : drift * params_.horizon <= distance ? params_.horizon
                                                               : distance / drift;
  s.hits = verdict.probability >= kSpeaks ? std::min(s.hits + 1, kHitsToSpeak) : 0;
  verdict.speaks = s.hits >= kHitsToSpeak;
  return verdict;
}

bool Forecast::sane(const State& s) const {
  return std::fabs(s.level) <= 1e3 * kLargestValue && std::fabs(s.trend) <= kLargestValue && s.error.sane() &&
         s.hits <= kHitsToSpeak;
}

}  // namespace proactive::models
