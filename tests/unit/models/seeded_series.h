// Seeded noise and the walk of an ensemble over a series; the same numbers in every build.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/base/math.h"
#include "models/detect/ensemble.h"

namespace proactive::models {

class Noise {
 public:
  // The seed is mixed first: else neighbouring seeds would give the same stream, shifted by one.
  explicit Noise(std::uint64_t seed) : state_(mix(seed + 0x1234567)) {}

  double uniform() {  // in (0, 1)
    return (static_cast<double>(mix(state_ += 0x9E3779B97F4A7C15ULL) >> 11) + 0.5) * 0x1p-53;
  }
  double normal() { return std::sqrt(-2 * math::log(uniform())) * math::cos_turns(uniform()); }
  double exponential() { return -math::log(uniform()); }
  double laplace() { return exponential() - exponential(); }
  double student3() {
    const double a = normal(), b = normal(), c = normal();
    return normal() / std::sqrt((a * a + b * b + c * c) / 3);
  }
  double poisson(double mean) {
    double count = -1;
    for (double sum = 0; sum < mean; ++count) sum += exponential();
    return std::max(count, 0.0);
  }
  double binomial(int n, double p) {
    double hits = 0;
    for (int i = 0; i < n; ++i) hits += uniform() < p ? 1 : 0;
    return hits;
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {  // splitmix64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

inline Sample level_sample(double x) {
  Sample sample;
  sample.x = x;
  return sample;
}
inline Sample share_sample(double x, double n) {
  Sample sample;
  sample.x = sample.learn_x = x;
  sample.n = sample.learn_n = n;
  return sample;
}

inline constexpr Duration kStep = std::chrono::minutes(5);

// The context of bucket i of a series that began on a Monday 00:00, five-minute steps, nothing missing.
inline Context context_of(std::int64_t i, std::int64_t previous) {
  const std::int64_t seconds = i * 300;
  Context context;
  context.step = kStep;
  context.elapsed = previous < 0 ? Duration(0) : (i - previous) * kStep;
  context.half_hour = static_cast<std::uint8_t>(seconds / 1800 % 48);
  context.hour_of_week = static_cast<std::uint8_t>(seconds / 3600 % 168);
  context.local_day = static_cast<std::uint16_t>(seconds / 86400);
  return context;
}

// One series: an ensemble, its bytes and where it stands.
class Walk {
 public:
  explicit Walk(EnsembleParams params) : ensemble_(params), words_(ensemble_.state_bytes() / 8) {
    ensemble_.init(state());
  }
  Score step(const Sample& sample) { return step_at(previous_ + 1, sample); }
  Score step_at(std::int64_t bucket, const Sample& sample) {
    const Score score = ensemble_.update(state(), sample, context_of(bucket, previous_));
    previous_ = bucket;
    return score;
  }
  [[nodiscard]] std::span<std::byte> state() { return std::as_writable_bytes(std::span(words_)); }
  [[nodiscard]] const Ensemble& ensemble() const { return ensemble_; }
  [[nodiscard]] std::int64_t buckets() const { return previous_ + 1; }

 private:
  Ensemble ensemble_;
  std::vector<std::uint64_t> words_;  // 8-byte aligned
  std::int64_t previous_ = -1;
};

// What a clean (or faulty) stream makes of bucket i.
using Stream = std::function<Sample(std::int64_t i)>;

}  // namespace proactive::models
