#include "models/detect/rate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr double kKeep = 0.99, kPriorA = 0.5, kPriorB = 0.01;
constexpr double kClip = 4;  // standard deviations
constexpr double kDispersionMemory = 200, kDispersionPrior = 20, kDispersionClip = 9, kMostDispersion = 1e4;
constexpr double kMostEvents = 1e9, kMostExposure = 1e6, kLeastExposure = 1e-6;
constexpr double kLeastMean = 1e-9;

double mean_of(const Rate::State& s, double exposure) {
  return std::max(kLeastMean, double{s.a} / double{s.b} * exposure);
}
double size_of(const Rate::State& s, double mean) {
  return 1 / (1 / double{s.a} + (double{s.dispersion} - 1) / mean);
}

}  // namespace

bool Rate::acceptable(double x, double exposure) {
  return x >= 0 && x <= kMostEvents && exposure >= kLeastExposure && exposure <= kMostExposure;
}

Rate::Verdict Rate::score(const State& s, double x, double exposure, Direction direction) const {
  const double k = std::floor(x + 0.5), mean = mean_of(s, exposure), size = size_of(s, mean);
  Verdict verdict;
  verdict.expected = mean;
  verdict.above = k > mean;
  const double width =
      (direction == Direction::either ? 2.576 : 2.326) * std::sqrt(mean + mean * mean / size);
  verdict.low = std::max(0.0, mean - width);
  verdict.high = mean + width;

  const double log_tail = verdict.above ? math::log_negative_binomial_upper(k, mean, size)
                                        : math::log_negative_binomial_lower(k, mean, size);
  const double of_tail = math::exp(math::log_negative_binomial_mass(k, mean, size) - log_tail);
  const double log_p = log_tail + math::log1p(-0.5 * std::min(1.0, of_tail));
  if (log_p < -math::kLn2) {
    const double score = math::quick_normal_score(log_p);
    verdict.z = verdict.above ? score : -score;
  }
  if (direction == (verdict.above ? Direction::low : Direction::high)) return verdict;
  const double both_sides = direction == Direction::either ? math::kLn2 : 0;
  verdict.surprise = std::max(0.0, -(log_p + both_sides) * math::kLog10e);
  return verdict;
}

void Rate::learn(State& s, double x, double exposure) const {
  const double a = double{s.a}, mean = mean_of(s, exposure), size = size_of(s, mean);
  const double variance = mean + mean * mean / size;
  const double limit = std::max(1.0, kClip * std::sqrt(variance));
  const double learnt = s.n == 0 ? x : std::clamp(x, mean - limit, mean + limit);
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;

  const double dispersion = double{s.dispersion}, off = x - mean;
  const double pearson = std::min(off * off / (mean + mean * mean / a), kDispersionClip * dispersion);
  const double gain = std::max(1 / kDispersionMemory, 1 / (s.n + kDispersionPrior));
  s.dispersion =
      static_cast<float>(std::clamp(dispersion + gain * (pearson - dispersion), 1.0, kMostDispersion));
  s.a = static_cast<float>(kKeep * a + learnt + (1 - kKeep) * kPriorA);
  s.b = static_cast<float>(kKeep * double{s.b} + exposure + (1 - kKeep) * kPriorB);
}

bool Rate::sane(const State& s) const {
  return double{s.a} >= 1e-3 && double{s.a} <= 2 * kMostEvents / (1 - kKeep) && double{s.b} >= 1e-5 &&
         double{s.b} <= 2 * kMostExposure / (1 - kKeep) && s.dispersion >= 1 &&
         double{s.dispersion} <= kMostDispersion;
}

}  // namespace proactive::models
