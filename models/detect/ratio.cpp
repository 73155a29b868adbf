#include "models/detect/ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr double kStrength = 200;   // trials that the model may be worth
constexpr double kStepTrials = 2;   // of them from one step, later on
constexpr double kClip = 4;         // standard deviations
constexpr double kMostTrials = 1e9;
constexpr double kLeast = 0.05;      // alpha and beta stay above about this: the first failure is never impossible

// Standard deviation of x/n under the beta-binomial.
double deviation(double mean, double strength, double n) {
  return std::sqrt(mean * (1 - mean) * (strength + n) / (n * (strength + 1)));
}

}  // namespace

bool Ratio::acceptable(double x, double n) { return n > 0 && n <= kMostTrials && x >= 0 && x <= n; }

Ratio::Verdict Ratio::score(const State& s, double x, double n, Direction direction) const {
  const double alpha = double{s.alpha}, beta = double{s.beta}, strength = alpha + beta;
  const double trials = std::max(1.0, std::floor(n + 0.5)), hits = std::min(std::floor(x + 0.5), trials);
  Verdict verdict;
  verdict.expected = alpha / strength;
  verdict.above = hits > trials * verdict.expected;
  const double width = (direction == Direction::either ? 2.576 : 2.326) * deviation(verdict.expected, strength, trials);
  verdict.low = std::max(0.0, verdict.expected - width);
  verdict.high = std::min(1.0, verdict.expected + width);

  if (direction == (verdict.above ? Direction::low : Direction::high)) return verdict;
  const double log_p = verdict.above ? math::log_beta_binomial_upper(hits, trials, alpha, beta)
                                     : math::log_beta_binomial_lower(hits, trials, alpha, beta);
  const double both_sides = direction == Direction::either ? math::kLn2 : 0;
  verdict.surprise = std::max(0.0, -(log_p + both_sides) * math::kLog10e);
  return verdict;
}

void Ratio::learn(State& s, double x, double n) const {
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  const double alpha = double{s.alpha}, beta = double{s.beta}, strength = alpha + beta, mean = alpha / strength;
  const double cap = std::max(kStepTrials, kStrength / s.n);
  const double trials = std::min(n, cap);
  const double width = kClip * deviation(mean, strength, n);
  const double share = std::clamp(x / n, std::max(0.0, mean - width), std::min(1.0, mean + width));
  double a = std::max(kLeast, alpha + trials * share), b = std::max(kLeast, beta + trials * (1 - share));
  const double total = a + b;
  if (total > kStrength) a *= kStrength / total, b *= kStrength / total;
  s.alpha = static_cast<float>(a);
  s.beta = static_cast<float>(b);
}

bool Ratio::sane(const State& s) const {
  return double{s.alpha} >= 0.4 * kLeast && double{s.beta} >= 0.4 * kLeast && double{s.alpha} + double{s.beta} <= kStrength * 1.001;
}

}  // namespace proactive::models
