// Random numbers that are equal bits on every host: models/base/math.h instead of libm, no <random>
// distribution, no global state.
//
// An Rng is a counter-based stream (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014) opened at a key made of the seed and coordinates such as (customer, signal, time
// slot). A draw therefore never depends on what other customers, signals or hours drew: a fault changes only
// the signal it touches, and a longer run repeats the shorter one. Owner: the caller, by value. Clock and
// allocation: none. Cost: 1 ns per number, about 25 ns per normal.
#pragma once

#include <cstdint>

namespace proactive::daemon {

class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0);

  std::uint64_t next();
  double uniform();  // in (0, 1)
  double uniform(double low, double high);
  std::uint64_t below(std::uint64_t n);  // 0..n-1. REQUIRES: 0 < n < 2^32
  bool chance(double p);
  double normal();                                 // Marsaglia's polar method
  double log_normal(double median, double sigma);  // sigma: of the logarithm
  double exponential(double mean);
  // Exact below a mean of 12; above, the rounded normal with the skewness term of Cornish and Fisher.
  std::uint64_t poisson(double mean);
  // Successes of n trials; exact where the rarer outcome has a mean below 12, else as poisson().
  std::uint64_t binomial(std::uint64_t n, double p);

 private:
  std::uint64_t state_;
};

// A hash of coordinates, for choices that need one number only.
[[nodiscard]] std::uint64_t mix(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0,
                                std::uint64_t c = 0);

}  // namespace proactive::daemon
