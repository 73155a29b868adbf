#include "models/detect/tail.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr double kShare = 0.02;                            // beyond u
constexpr double kShareSurprise = 1.69897000433601880479;  // -log10 0.02
constexpr double kMemory = 2000;
constexpr double kPriorSamples = 250;
constexpr double kLargest = 2e6;          // of what a state may hold; Ensemble feeds at most 1e6
constexpr std::uint8_t kMostWeight = 40;  // kMemory * kShare
// A lone value beyond u shows the tail; those that follow it may be one incident.
constexpr double kClipFirst = 8, kClipNext = 3;  // mean excesses
constexpr std::uint8_t kLongestRun = 6;
constexpr double kSmallestU =
    0.3;  // s is in scales: smaller quantiles are quantisation, and u may not reach zero

struct Pareto {
  double xi, sigma;
};
Pareto fit(const Tail::State& s) {
  const double mean = double{s.mean_excess}, square = mean * mean;
  const double variance = std::max(double{s.mean_square} - square, 1e-9 * square);
  const double r = square / variance;
  const double smallest = 0.1 * double{s.u};
  if (r >= 1) return {0, std::max(mean, smallest)};
  return {(1 - r) * 0.5, std::max(mean * (1 + r) * 0.5, smallest)};
}

}  // namespace

double Tail::surprise(const State& s, double value) const {
  const double u = double{s.u};
  if (value <= u) return kShareSurprise * (value / u) * (value / u);
  const auto [xi, sigma] = fit(s);
  const double x = (value - u) / sigma;
  return kShareSurprise + math::kLog10e * (xi * x < 1e-6 ? x : math::log1p(xi * x) / xi);
}

std::optional<double> Tail::update(State& s, double value) const {
  std::optional<double> result;
  if (s.n >= kSilentUntil) {
    result = surprise(s, value);
    // Below 5.39 the cap cannot bind.
    if (*result > 5.39) result = std::min(*result, math::log10(s.n + kPriorSamples) + 3);
  }

  learn(s, value);
  return result;
}

void Tail::learn(State& s, double value) const {
  const bool beyond = value > double{s.u};
  if (!beyond) s.run = 0;
  if (beyond && s.run < std::numeric_limits<std::uint8_t>::max()) ++s.run;
  if (s.run > kLongestRun) return;

  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  const double gain = s.n < kMemory - kPriorSamples ? 1 / (s.n + kPriorSamples) : 1 / kMemory;
  const double scale = double{s.scale};
  const double u = std::max(kSmallestU, double{s.u} + 3 * gain * scale * (beyond ? 1 - kShare : -kShare));
  const double distance = std::min(std::fabs(value - u), 5 * scale);
  s.u = static_cast<float>(u);
  s.scale = static_cast<float>(std::max(1e-3, scale + gain * (distance - scale)));
  if (value <= u) return;

  if (s.weight < kMostWeight) ++s.weight;
  const double share = 1.0 / s.weight;
  const double mean = double{s.mean_excess};
  const double excess = std::min(value - u, (s.run == 1 ? kClipFirst : kClipNext) * mean);
  s.mean_excess = static_cast<float>(std::max(1e-3, mean + share * (excess - mean)));
  s.mean_square =
      static_cast<float>(double{s.mean_square} + share * (excess * excess - double{s.mean_square}));
}

double Tail::quantile(const State& s, double p) const {
  const auto [xi, sigma] = fit(s);
  const double logs = math::log(kShare / p);
  return double{s.u} + sigma * (xi * logs < 1e-6 ? logs : math::expm1(xi * logs) / xi);
}

bool Tail::sane(const State& s) const {
  const auto between = [](float value, double low, double high) {
    return double{value} >= low && double{value} <= high;
  };
  return between(s.u, 0.29, kLargest) && between(s.mean_excess, 9e-4, kLargest) &&
         between(s.mean_square, 0, kLargest * kLargest) && between(s.scale, 9e-4, kLargest) && s.weight >= 1;
}

}  // namespace proactive::models
