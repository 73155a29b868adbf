// Of models/base/math.h: the negative binomial, first passage, and a quick normal score.
#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::math {

double log_negative_binomial_mass(double k, double mean, double size) {
  if (k < 0) return -std::numeric_limits<double>::infinity();
  const double none = -size * log1p(mean / size);  // log P(X = 0)
  if (k == 0) return none;
  return lgamma(k + size) - lgamma(size) - lgamma(k + 1) + none + k * (log(mean) - log(mean + size));
}

double log_negative_binomial_upper(double k, double mean, double size) {
  return k <= 0 ? 0 : log_incomplete_beta(k, size, mean / (mean + size));
}

double log_negative_binomial_lower(double k, double mean, double size) {
  return k < 0 ? -std::numeric_limits<double>::infinity()
               : log_incomplete_beta(size, k + 1, size / (mean + size));
}

double first_passage(double distance, double drift, double sigma, double horizon) {
  const double spread = sigma * std::sqrt(horizon);
  const double direct = exp(log_normal_tail((distance - drift * horizon) / spread));
  const double beyond = log_normal_tail((distance + drift * horizon) / spread);
  // The factor may overflow where the tail is 0: a limit that nothing reaches.
  const double mirrored = std::isfinite(beyond) ? exp(2 * drift * distance / (sigma * sigma) + beyond) : 0;
  return std::min(1.0, direct + mirrored);
}

double quick_normal_score(double log_p) {
  const double t = std::sqrt(-2 * log_p);
  return t -
         (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

}  // namespace proactive::math
