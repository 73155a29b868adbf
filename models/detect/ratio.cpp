#include "models/detect/ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr double kStrength = 200;  // trials that the model may be worth
constexpr double kStepTrials = 2;  // of them from one step, later on
constexpr double kClip = 4;        // standard deviations
constexpr double kMostTrials = 1e9;
constexpr double kLeast =
    0.05;  // alpha and beta stay above about this: the first failure is never impossible

constexpr double kScatterMemory = 300;  // windows
constexpr double kPriorWindows = 20;
constexpr double kPriorScatter = 1 / (kStrength + 1);
constexpr double kLeastScatter = 1.0 / 20'000, kMostScatter = 1.0 / 20;
constexpr double kScatterClip = 9;  // squared standard deviations

// The intraclass correlation of the beta-binomial: 0 is a coin.
double scatter(const Ratio::State& s) {
  if (s.trials <= 0) return kPriorScatter;
  return std::clamp(double{s.excess} / double{s.trials}, kLeastScatter, kMostScatter);
}

// Standard deviation of x/n under the beta-binomial.
double deviation(double mean, double strength, double n) {
  return std::sqrt(mean * (1 - mean) * (strength + n) / (n * (strength + 1)));
}

}  // namespace

bool Ratio::acceptable(double x, double n) { return n > 0 && n <= kMostTrials && x >= 0 && x <= n; }

Ratio::Verdict Ratio::score(const State& s, double x, double n, Direction direction) const {
  const double memory = double{s.alpha} + double{s.beta};
  // Never surer of the share than its memory allows while that is short.
  const double strength =
      memory < 0.9 * kStrength ? std::min(memory, 1 / scatter(s) - 1) : 1 / scatter(s) - 1;
  const double alpha = double{s.alpha} / memory * strength, beta = strength - alpha;
  const double trials = std::max(1.0, std::floor(n + 0.5)), hits = std::min(std::floor(x + 0.5), trials);
  Verdict verdict;
  verdict.expected = alpha / strength;
  verdict.above = hits > trials * verdict.expected;
  const double width =
      (direction == Direction::either ? 2.576 : 2.326) * deviation(verdict.expected, strength, trials);
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
  const double alpha = double{s.alpha}, beta = double{s.beta}, strength = alpha + beta,
               mean = alpha / strength;
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

void Ratio::learn_scatter(State& s, double x, double n) const {
  const double share = double{s.alpha} / (double{s.alpha} + double{s.beta});
  const double variance = n * share * (1 - share);
  if (variance < 0.5 || n < 2) return;
  if (s.trials <= 0) {
    s.trials = static_cast<float>(kPriorWindows * (n - 1));
    s.excess = static_cast<float>(kPriorScatter * double{s.trials});
  }
  const double usual = 1 + (n - 1) * scatter(s);
  const double off = x - n * share;
  const double pearson = std::min(off * off / variance, kScatterClip * usual);
  constexpr double kKeep = 1 - 1 / kScatterMemory;
  s.excess = static_cast<float>(double{s.excess} * kKeep + pearson - 1);
  s.trials = static_cast<float>(double{s.trials} * kKeep + n - 1);
}

bool Ratio::sane(const State& s) const {
  return double{s.alpha} >= 0.4 * kLeast && double{s.beta} >= 0.4 * kLeast &&
         double{s.alpha} + double{s.beta} <= kStrength * 1.001 && std::fabs(double{s.excess}) <= 1e15 &&
         s.trials >= 0 && double{s.trials} <= 1e15;
}

}  // namespace proactive::models
