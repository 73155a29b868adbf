#include "models/base/math.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace proactive::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kMantissa = 0x000FFFFFFFFFFFFF;
constexpr std::uint64_t kExponentOfOne = 0x3FF0000000000000;
// Two parts of ln 2; the first has trailing zeros, so k * kLn2High is exact for every exponent k.
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

// log(1 + f) = 2 atanh(f / (2 + f)); |f| <= 1/32.
constexpr double log1p_near_zero(double f) {
  const double s = f / (2 + f), w = s * s;
  return s * (2 + w * (2.0 / 3 + w * (2.0 / 5 + w * (2.0 / 7 + w * (2.0 / 9 + w * (2.0 / 11))))));
}

// log of a number in [1/2, 1], by the same series with enough terms; used to fill the table below.
constexpr double slow_log(double x) {
  const double s = (x - 1) / (x + 1), w = s * s;
  double sum = 0;
  for (int k = 41; k >= 1; k -= 2) sum = sum * w + 2.0 / k;
  return sum * s;
}

// For each of 128 slices of [1, 2): a reciprocal of its centre and the log of that reciprocal, negated.
struct Slice {
  double reciprocal, log;
};
constexpr std::array<Slice, 128> make_slices() {
  std::array<Slice, 128> slices{};
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double reciprocal = 1 / (1 + (static_cast<double>(i) + 0.5) / 128);
    slices[i] = {reciprocal, -slow_log(reciprocal)};
  }
  return slices;
}
constexpr std::array<Slice, 128> kSlices = make_slices();

// e^r - 1 - r for |r| <= 0.36: the rest of the power series, in two interleaved chains for speed.
double exp_rest(double r) {
  const double w = r * r;
  const double even =
      1.0 / 2 +
      w * (1.0 / 24 +
           w * (1.0 / 720 +
                w * (1.0 / 40320 + w * (1.0 / 3628800 + w * (1.0 / 479001600 + w * (1.0 / 87178291200.0))))));
  const double odd =
      1.0 / 6 + w * (1.0 / 120 +
                     w * (1.0 / 5040 + w * (1.0 / 362880 + w * (1.0 / 39916800 + w * (1.0 / 6227020800.0)))));
  return w * (even + r * odd);
}

// 2^k for normal exponents.
double power_of_two(int k) { return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52); }

// sin and cos of 2 pi t for |t| <= 1/8.
double sin_series(double t) {
  const double x = 2 * kPi * t, w = x * x;
  return x *
         (1 -
          w / 6 * (1 - w / 20 * (1 - w / 42 * (1 - w / 72 * (1 - w / 110 * (1 - w / 156 * (1 - w / 210)))))));
}
double cos_series(double t) {
  const double x = 2 * kPi * t, w = x * x;
  return 1 -
         w / 2 * (1 - w / 12 * (1 - w / 30 * (1 - w / 56 * (1 - w / 90 * (1 - w / 132 * (1 - w / 182))))));
}

// erfc(x) e^{x^2} for x >= 2 by its continued fraction, evaluated from the far end; 120 steps reach 1e-15 there.
double scaled_erfc(double x) {
  double tail = x;
  for (int k = 120; k >= 1; --k) tail = x + (0.5 * k) / tail;
  return 1 / (tail * std::sqrt(kPi));
}

// erf(x) for |x| < 2: x e^{-x^2} times a series of positive terms, so nothing cancels.
double erf_series(double x) {
  double term = x, sum = x;
  for (int k = 1; k < 80; ++k) {
    term *= 2 * x * x / (2 * k + 1);
    sum += term;
    if (std::fabs(term) < 1e-17 * std::fabs(sum)) break;
  }
  return 2 / std::sqrt(kPi) * exp(-x * x) * sum;
}

}  // namespace

double log(double x) {
  if (!(x > 0)) return x == 0 ? -kInfinity : kNan;
  if (x == kInfinity) return x;
  const double f = x - 1;
  if (std::fabs(f) <= 1.0 / 32) return log1p_near_zero(f);
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    exponent = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  const double mantissa = std::bit_cast<double>((bits & kMantissa) | kExponentOfOne);
  const Slice& slice = kSlices[(bits >> 45) & 127];
  const double r = mantissa * slice.reciprocal - 1;  // within 1/256
  const double w = r * r;
  const double rest = r - w * (0.5 - r * (1.0 / 3) + w * (0.25 - r * 0.2 + w * (1.0 / 6 - r * (1.0 / 7))));
  return exponent * kLn2High + (slice.log + (rest + exponent * kLn2Low));
}

double log1p(double x) {
  if (std::fabs(x) <= 1.0 / 32) return log1p_near_zero(x);
  const double u = 1 + x;
  if (!(u > 0) || u == kInfinity) return log(u);
  return log(u) + (x - (u - 1)) / u;  // what rounding 1 + x lost
}

double log10(double x) { return log(x) * kLog10e; }

double exp(double x) {
  if (x != x) return x;
  if (x > 709.782712893384) return kInfinity;
  if (x < -745.2) return 0;
  const double k = std::floor(x * (1 / kLn2) + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  const double y = 1 + (r + exp_rest(r));
  const int exponent = static_cast<int>(k);
  if (exponent > 1000) return y * power_of_two(exponent - 1) * 2;
  if (exponent < -1000) return y * power_of_two(exponent + 100) * 0x1p-100;
  return y * power_of_two(exponent);
}

double expm1(double x) { return std::fabs(x) <= 0.35 ? x + exp_rest(x) : exp(x) - 1; }

double pow(double base, double exponent) { return exp(exponent * log(base)); }

double sin_turns(double turns) {
  const double t = turns - std::floor(turns);  // [0, 1)
  const int eighth = static_cast<int>(t * 8);
  switch ((eighth + 1) / 2) {
    case 0:
      return sin_series(t);
    case 1:
      return cos_series(t - 0.25);
    case 2:
      return -sin_series(t - 0.5);
    case 3:
      return -cos_series(t - 0.75);
    default:
      return sin_series(t - 1);
  }
}

double cos_turns(double turns) { return sin_turns(turns - std::floor(turns) + 0.25); }

double erfc(double x) {
  if (x != x) return x;
  if (x >= 2) return x > 28 ? 0 : exp(-x * x) * scaled_erfc(x);
  if (x > -2) return 1 - erf_series(x);
  return 2 - erfc(-x);
}

double log_erfc(double x) {
  if (x >= 2) return log(scaled_erfc(x)) - x * x;
  return x < 0.1 && x > -2 ? log1p(-erf_series(x)) : log(erfc(x));
}

double log_normal_tail(double z) { return log_erfc(z * 0.70710678118654752440) - kLn2; }

double normal_quantile(double p) {
  if (!(p > 0 && p < 1)) return p == 0 ? -kInfinity : p == 1 ? kInfinity : kNan;
  // Newton's method on the log of the tail, where it converges from any start beyond the centre.
  const bool lower = p < 0.5;
  const double target = log(lower ? p : 1 - p);
  double z = std::sqrt(-2 * target > 1e-9 ? -2 * target : 0) * 0.8;
  for (int i = 0; i < 60; ++i) {
    const double tail = log_normal_tail(z);
    const double log_density = -0.5 * z * z - 0.91893853320467274178;
    const double step = (tail - target) * exp(tail - log_density);
    z += step;
    if (std::fabs(step) <= 1e-15 * (1 + std::fabs(z))) break;
  }
  return lower ? -z : z;
}

}  // namespace proactive::math
