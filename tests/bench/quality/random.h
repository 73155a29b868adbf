// Seeded random numbers of the evaluation kit. Draws are made one per statement: two in one expression would come in an
// order that the compiler chooses, and the figures would differ between compilers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "models/base/math.h"

namespace proactive::quality {

class Random {
 public:
  // The seed is mixed first: else neighbouring seeds would give the same stream, shifted by one.
  explicit Random(std::uint64_t seed) : state_(mix(seed ^ 0x5DEECE66DULL)) {}

  double uniform() {  // in (0, 1)
    return (static_cast<double>(mix(state_ += 0x9E3779B97F4A7C15ULL) >> 11) + 0.5) * 0x1p-53;
  }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  // Evenly on a logarithmic scale: a level of 10 is as likely as one of 1000.
  double magnitude(double low, double high) { return low * math::exp(uniform() * math::log(high / low)); }
  int whole(int low, int high) {  // both included
    return low + static_cast<int>(uniform() * (high - low + 1));
  }
  bool chance(double p) { return uniform() < p; }

  double normal() {
    const double radius = std::sqrt(-2 * math::log(uniform()));
    return radius * math::cos_turns(uniform());
  }
  double exponential() { return -math::log(uniform()); }
  double laplace() {
    const double up = exponential();
    return up - exponential();
  }
  double student3() {
    double squares = 0;
    for (int i = 0; i < 3; ++i) {
      const double z = normal();
      squares += z * z;
    }
    const double z = normal();
    return z / std::sqrt(squares / 3);
  }
  double log_normal(double spread) { return math::exp(spread * normal()); }
  double poisson(double mean) {
    if (mean > 50) {  // normal, with the first term of Cornish and Fisher
      const double z = normal();
      return std::max(0.0, std::floor(mean + std::sqrt(mean) * z + (z * z - 1) / 6 + 0.5));
    }
    double count = -1;
    for (double sum = 0; sum < mean; ++count) sum += exponential();
    return std::max(count, 0.0);
  }
  double gamma(double shape) {  // Marsaglia and Tsang 2000; shape >= 1 by boosting below
    if (shape < 1) {
      const double larger = gamma(shape + 1);
      return larger * math::exp(math::log(uniform()) / shape);
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
      const double z = normal();
      const double v = (1 + c * z) * (1 + c * z) * (1 + c * z);
      if (v <= 0) continue;
      if (math::log(uniform()) < 0.5 * z * z + d - d * v + d * math::log(v)) return d * v;
    }
  }
  // Counts burstier than Poisson: variance = mean * dispersion.
  double negative_binomial(double mean, double dispersion) {
    const double shape = mean / (dispersion - 1);
    const double rate = gamma(shape);
    return poisson(rate * (dispersion - 1));
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {  // splitmix64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace proactive::quality
