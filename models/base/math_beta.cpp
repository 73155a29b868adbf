// The gamma family of models/base/math.h: log-gamma, incomplete beta, beta-binomial tails.
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::math {
namespace {

constexpr int kMostTerms = 256;
constexpr double kHalfLogTwoPi = 0.918938533204672741780;

// Stirling's formula for x >= 8; the first term left out is below 1e-16.
double stirling(double x) {
  const double i = 1 / x, w = i * i;
  const double series =
      i * (1.0 / 12 -
           w * (1.0 / 360 -
                w * (1.0 / 1260 -
                     w * (1.0 / 1680 - w * (1.0 / 1188 - w * (691.0 / 360360 -
                                                              w * (1.0 / 156 - w * (3617.0 / 122400))))))));
  return (x - 0.5) * log(x) - x + kHalfLogTwoPi + series;
}

// x (x + 1) ... (x + 7)
double eight_steps(double x) {
  return ((x * (x + 1)) * ((x + 2) * (x + 3))) * (((x + 4) * (x + 5)) * ((x + 6) * (x + 7)));
}

// log of (Gamma(p) Gamma(q)) / (Gamma(r) Gamma(s)), the small arguments shifted up under one common logarithm.
double log_gamma_quotient(double p, double q, double r, double s) {
  double factor = 1;
  if (p < 8) factor /= eight_steps(p), p += 8;
  if (q < 8) factor /= eight_steps(q), q += 8;
  if (r < 8) factor *= eight_steps(r), r += 8;
  if (s < 8) factor *= eight_steps(s), s += 8;
  const double sum = (stirling(p) - stirling(r)) + (stirling(q) - stirling(s));
  return factor == 1 ? sum : sum + log(factor);
}

double log_beta(double a, double b) { return lgamma(a) + lgamma(b) - lgamma(a + b); }

// Continued fraction of the incomplete beta function (modified Lentz); converges fast for x below (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostSteps = 100'000;
  const auto away_from_zero = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), fraction = d;
  for (int m = 1; m < kMostSteps; ++m) {
    const double k = m;
    const double even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    fraction *= d * c;
    if (std::fabs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

// log(1 - e^v) for v <= 0
double log_complement(double v) { return v > -kLn2 ? log(-expm1(v)) : log1p(-exp(v)); }

// log P(X = k) of the beta-binomial.
double log_mass(double k, double n, double a, double b) {
  // C(n, k) and the rising factorial of a as one product while k is small: no cancellation and few logarithms. The
  // largest product is below 1e300 under the conditions.
  if (k <= 24 && n < 1e8 && a < 1e4) {
    double product = 1;
    for (double i = 0; i < k; ++i) product *= (n - i) * (a + i) / (i + 1);
    return log(product) + log_gamma_quotient(n - k + b, a + b, n + a + b, b);
  }
  return log_gamma_quotient(n + 1, a + b, k + 1, n - k + 1) +
         log_gamma_quotient(k + a, n - k + b, a, n + a + b) - lgamma(b);
}

// Matched in mean and variance, with half a count of continuity correction.
double log_matched_beta_upper(double k, double n, double a, double b) {
  const double total = a + b;
  // A share X/n has the Beta's mean and its variance times (total + n) / n: a Beta of this smaller total.
  const double strength = (total + 1) * n / (total + n) - 1;
  const double pa = a / total * strength, pb = b / total * strength;
  const double edge = (n - k + 0.5) / n;
  return edge >= 1 ? 0 : log_incomplete_beta(pb, pa, edge);
}

}  // namespace

double lgamma(double x) {
  if (!(x > 0))
    return x == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  return x < 8 ? stirling(x + 8) - log(eight_steps(x)) : stirling(x);
}

double log_incomplete_beta(double a, double b, double x) {
  if (!(x > 0)) return -std::numeric_limits<double>::infinity();
  if (x >= 1) return 0;
  const double front = a * log(x) + b * log1p(-x) - log_beta(a, b);
  if (x < (a + 1) / (a + b + 2)) return front + log(beta_fraction(a, b, x) / a);
  return log_complement(front + log(beta_fraction(b, a, 1 - x) / b));
}

double log_beta_binomial_upper(double k, double n, double a, double b) {
  if (k <= 0) return 0;
  if (k > n) return -std::numeric_limits<double>::infinity();
  const double total = a + b, mean = n * a / total;
  const double deviation = std::sqrt(mean * (b / total) * (total + n) / (total + 1));
  if (mean + 7 * deviation - k > 2 * kMostTerms && n - k > kMostTerms)
    return log_matched_beta_upper(k, n, a, b);
  double term = 1, sum = 1, i = k;
  for (int terms = 0; i < n; ++i, ++terms) {
    if (terms == kMostTerms) return log_matched_beta_upper(k, n, a, b);
    const double first = (n - i) / (n - i - 1 + b), second = (i + a) / (i + 1);
    term *= first * second;
    sum += term;
    // From here every ratio of neighbours is at most `bound` (b >= 1), so the rest is a geometric series.
    const double bound = first * (second > 1 ? second : 1);
    if (b >= 1 && term * bound < 1e-11 * (1 - bound) * sum) break;
  }
  const double tail = log_mass(k, n, a, b) + log(sum);
  return tail < 0 ? tail : 0;
}

double log_beta_binomial_lower(double k, double n, double a, double b) {
  return log_beta_binomial_upper(n - k, n, b, a);
}

}  // namespace proactive::math
