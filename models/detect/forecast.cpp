#include "models/detect/forecast.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "models/base/math.h"
#include "models/detect/sample.h"

namespace proactive::models {

namespace {
constexpr double kLevelGain = 0.1, kTrendGain = 0.01;
constexpr double kTrendNoise = 0.022;
constexpr double kMemory = 200;
constexpr double kClip = 3;        // deviations
constexpr std::int32_t kJump = 3;  // clipped errors in a row
constexpr double kJumpTrendGain = 0.3;
constexpr double kSpeaks = 0.8;
constexpr double kMostGap = 100;  // buckets that a trend is trusted for
// The part of a trend that noise of this size does not explain: nothing up to three times the noise.
double believed(double trend, double noise) {
  constexpr double kDoubt = 9;
  const double share = 1 - kDoubt * noise * noise / (trend * trend);
  return share > 0 ? share * trend : 0;  // of a trend of 0 the share is -inf
}

}  // namespace

void Forecast::learn(State& s, double x, double floor, double buckets) {
  if (s.n == 0) s.level = x - s.trend;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.level += std::min(buckets, kMostGap) * s.trend;
  const double limit = kClip * s.error.scale(floor);
  const double error = x - s.level;
  const double learnt = s.n > 10 ? std::clamp(error, -limit, limit) : error;
  const double last_step = (x - double{s.previous}) / std::max(buckets, 1.0);
  s.previous = static_cast<float>(x);
  const std::int32_t side = s.n <= 10 || std::fabs(error) <= limit ? 0 : error > 0 ? 1 : -1;
  s.beyond = side == 0 || side * s.beyond < 0 ? side : std::clamp(s.beyond + side, -kJump, kJump);
  if (std::abs(s.beyond) == kJump) {
    // Following it clip by clip would look like a trend for days.
    s.level = x;
    s.trend += kJumpTrendGain * (last_step - s.trend);
    s.error.learn(error, s.n, kMemory, kClip, floor);
    return;
  }
  // Faster while little is known; a trend needs its level first.
  const double gain = std::max(kLevelGain, 1.0 / s.n);
  s.level += gain * learnt;
  if (s.n > 10) s.trend += kTrendGain * learnt;
  s.error.learn(error, s.n, kMemory, kClip, floor);
}

Forecast::Trend Forecast::trend_of(const State& s, double floor) {
  return {s.n >= kSilentUntil, s.level, s.trend, s.error.scale(floor)};
}

Forecast::Verdict Forecast::foresee(const Trend& trend) const {
  Verdict verdict;
  verdict.ready = trend.ready;
  if (!trend.ready) return verdict;
  const double side = params_.side == Direction::low ? -1 : 1;
  const double distance = side * (params_.limit - trend.level),
               drift = side * believed(trend.per_bucket, kTrendNoise * trend.deviation);
  const double sigma =
      trend.deviation * std::sqrt(kLevelGain * kLevelGain + params_.horizon * kTrendNoise * kTrendNoise);
  verdict.probability = distance <= 0 ? 1 : math::first_passage(distance, drift, sigma, params_.horizon);
  verdict.buckets_left = distance <= 0                         ? 0
                         : drift * params_.horizon <= distance ? params_.horizon
                                                               : distance / drift;
  return verdict;
}

Forecast::Verdict Forecast::update(State& s, double x, double floor, double buckets) const {
  learn(s, x, floor, buckets);
  Verdict verdict = foresee(trend_of(s, floor));
  if (!verdict.ready) return verdict;
  s.hits = verdict.probability >= kSpeaks ? std::min(s.hits + 1, kHitsToSpeak) : 0;
  verdict.speaks = s.hits >= kHitsToSpeak;
  return verdict;
}

bool Forecast::sane(const State& s) const {
  return std::fabs(s.level) <= 1e3 * kLargestValue && std::fabs(s.trend) <= kLargestValue && s.error.sane() &&
         s.hits <= kHitsToSpeak && std::fabs(double{s.previous}) <= kLargestValue &&
         std::abs(s.beyond) <= kJump;
}

}  // namespace proactive::models
