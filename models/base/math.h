// Own transcendental functions: equal bits on every x86-64 host.
//
// The C library picks another log or exp by the CPU it runs on, so two hosts may differ in the last bit, and with them
// two replicas' scores. Everything here is plain IEEE arithmetic in a fixed order (the build forbids contraction to FMA);
// sqrt, floor and fabs are exact by the standard and taken from <cmath>.
//
// Accuracy: relative error about 1e-15 for log, exp and their kin, 1e-12 for log-gamma based functions (tests compare
// with scipy). Probabilities of tails are returned as logarithms, so they hold down to 1e-300 and beyond.
// No allocation, no state, no clock.
#pragma once

#include <cstdint>

namespace proactive::math {

inline constexpr double kLn2 = 0.693147180559945309417;
inline constexpr double kLn10 = 2.30258509299404568402;
inline constexpr double kLog10e = 0.434294481903251827651;
inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kEulerGamma = 0.577215664901532860607;

[[nodiscard]] double log(double x);    // -inf at 0, NaN below
[[nodiscard]] double log1p(double x);  // log(1 + x) without loss near 0
[[nodiscard]] double log10(double x);
[[nodiscard]] double exp(double x);
[[nodiscard]] double expm1(double x);
[[nodiscard]] double pow(double base, double exponent);  // base > 0
[[nodiscard]] double sin_turns(double turns);            // sin(2 pi turns)
[[nodiscard]] double cos_turns(double turns);

[[nodiscard]] double erfc(double x);
[[nodiscard]] double log_erfc(double x);
[[nodiscard]] double log_normal_tail(double z);  // log P(Z >= z), Z standard normal
[[nodiscard]] double normal_quantile(double p);  // z with P(Z <= z) = p, 0 < p < 1

[[nodiscard]] double lgamma(double x);  // x > 0
// log I_x(a, b), the regularised incomplete beta function; a, b > 0, 0 <= x <= 1.
[[nodiscard]] double log_incomplete_beta(double a, double b, double x);

// log P(X >= k) and log P(X <= k) for a beta-binomial X of n trials, a, b > 0; k and n are whole numbers held as double.
// Terms are summed outward from k by recurrence, at most 256; where more would be needed, a Beta matched in mean and
// variance answers (within 0.1 decades where p >= 1e-8).
[[nodiscard]] double log_beta_binomial_upper(double k, double n, double a, double b);
[[nodiscard]] double log_beta_binomial_lower(double k, double n, double a, double b);

// X negative binomial with this mean and size (variance mean + mean^2/size); k a whole number held as double; mean, size > 0.
[[nodiscard]] double log_negative_binomial_mass(double k, double mean, double size);
[[nodiscard]] double log_negative_binomial_upper(double k, double mean, double size);  // log P(X >= k)
[[nodiscard]] double log_negative_binomial_lower(double k, double mean, double size);  // log P(X <= k)

// P that a Brownian motion with this drift and sigma per unit of time reaches `distance` above its start within `horizon`.
// Source: Cox and Miller 1965, section 5.7. distance, sigma, horizon > 0.
[[nodiscard]] double first_passage(double distance, double drift, double sigma, double horizon);

// z with P(Z >= z) = e^log_p for log_p <= log(1/2), by the rational formula 26.2.23 of Abramowitz and Stegun 1964: within 4.5e-4.
// For statistics; normal_quantile is exact and a hundred times slower.
[[nodiscard]] double quick_normal_score(double log_p);

}  // namespace proactive::math
