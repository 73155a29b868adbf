#include "models/detect/own_noise.h"

#include <algorithm>
#include <cmath>

#include "models/base/math.h"

namespace proactive::models {

namespace {
constexpr std::uint8_t kBlock = 200;
constexpr std::uint8_t kMostWeight = 50;
constexpr std::uint8_t kKnownFrom = 25;
constexpr double kMostStep = 1, kMostKnownStep = 0.5;  // of typical, upwards
constexpr double kCaution = 0.5, kYoung = 350;         // samples
constexpr int kGrownBlocks = 10;
// Half the prior: a series that never moves is not therefore infinitely sensitive.
constexpr double kLeastTypical = 1.25;
}  // namespace

double OwnNoise::ratio(const State& s, double sum) const { return sum / double{s.typical}; }

double OwnNoise::caution(const State& s, std::uint8_t prior_weight) const {
  const int blocks = s.weight - prior_weight;
  if (blocks >= kGrownBlocks) return 1;
  return 1 + kCaution * math::exp(-(std::max(blocks, 0) * double{kBlock} + s.in_block) / kYoung);
}

double OwnNoise::p(const State& s, double sum) const {
  const double typical = double{s.typical};
  const double b = std::max(0.05 * typical, double{s.spread});
  const double a = typical - math::kEulerGamma * b;
  return -math::expm1(-math::exp(-(sum - a) / b));
}

void OwnNoise::learn(State& s, double sum) const {
  s.block_max = std::max(s.block_max, static_cast<float>(sum));
  if (++s.in_block < kBlock) return;
  const double typical = double{s.typical};
  const double step =
      std::min(double{s.block_max} - typical, (s.weight < kKnownFrom ? kMostStep : kMostKnownStep) * typical);
  s.weight = static_cast<std::uint8_t>(std::min<int>(s.weight + 1, kMostWeight));
  const double share = 1.0 / s.weight;
  s.typical = static_cast<float>(std::max(typical + share * step, kLeastTypical));
  s.spread = static_cast<float>(double{s.spread} + share * (1.11 * std::fabs(step) - double{s.spread}));
  s.block_max = 0;
  s.in_block = 0;
}

bool OwnNoise::sane(const State& s) const {
  constexpr float kLargest = 1e6F;  // no sum of -log10 p comes near
  return double{s.typical} >= kLeastTypical && s.typical <= kLargest && s.spread >= 0 &&
         s.spread <= kLargest && s.block_max >= 0 && s.block_max <= kLargest && s.weight >= 1 &&
         s.in_block < kBlock;
}

}  // namespace proactive::models
