#include "daemon/simulate/rng.h"

#include <cmath>

#include "models/base/math.h"

namespace proactive::daemon {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;

std::uint64_t scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// The rounded value of a count with this mean and deviation, skewed like a Poisson or binomial of that
// skewness.
double skewed_count(double mean, double deviation, double skewness, double z) {
  return std::floor(mean + deviation * z + deviation * skewness * (z * z - 1) / 6 + 0.5);
}

}  // namespace

std::uint64_t mix(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t key = scramble(seed + kGolden);
  key = scramble(key ^ (a + kGolden));
  key = scramble(key ^ (b + 2 * kGolden));
  return scramble(key ^ (c + 3 * kGolden));
}

Rng::Rng(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c)
    : state_(mix(seed, a, b, c)) {}

std::uint64_t Rng::next() { return scramble(state_ += kGolden); }

double Rng::uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::uint64_t Rng::below(std::uint64_t n) { return ((next() >> 32) * n) >> 32; }

bool Rng::chance(double p) { return uniform() < p; }

double Rng::normal() {
  for (;;) {
    const double u = 2 * uniform() - 1, v = 2 * uniform() - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * math::log(s) / s);  // sqrt is exact by IEEE 754
  }
}

double Rng::log_normal(double median, double sigma) { return median * math::exp(sigma * normal()); }

double Rng::exponential(double mean) { return -mean * math::log(uniform()); }

std::uint64_t Rng::poisson(double mean) {
  if (!(mean > 0)) return 0;
  if (mean >= 12) {
    const double deviation = std::sqrt(mean);
    const double value = skewed_count(mean, deviation, 1 / deviation, normal());
    return value > 0 ? static_cast<std::uint64_t>(value) : 0;
  }
  const double limit = math::exp(-mean);
  std::uint64_t count = 0;
  for (double product = uniform(); product > limit; product *= uniform()) ++count;
  return count;
}

std::uint64_t Rng::binomial(std::uint64_t n, double p) {
  if (n == 0 || !(p > 0)) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p);
  const double trials = static_cast<double>(n), mean = trials * p;
  if (mean >= 12) {
    const double deviation = std::sqrt(mean * (1 - p));
    const double value = skewed_count(mean, deviation, (1 - 2 * p) / deviation, normal());
    if (value <= 0) return 0;
    return value >= trials ? n : static_cast<std::uint64_t>(value);
  }
  // Inversion along P(k+1) = P(k) (n-k)/(k+1) p/(1-p).
  const double odds = p / (1 - p);
  double probability = math::exp(trials * math::log(1 - p));
  double rest = uniform();
  std::uint64_t count = 0;
  while (rest > probability && count < n) {
    rest -= probability;
    probability *= odds * (trials - static_cast<double>(count)) / (static_cast<double>(count) + 1);
    ++count;
  }
  return count;
}

}  // namespace proactive::daemon
