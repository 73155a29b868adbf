#include "daemon/simulate/noise.h"

#include <cmath>

#include "models/base/math.h"

namespace proactive::daemon {

double share_noise(double share, double scatter, double trials) {
  const double own = share * share * (math::exp(scatter * scatter) - 1);
  return std::sqrt(own + share * (1 - share) / trials);
}

double log_count_noise(double mean, double scatter) { return std::sqrt(scatter * scatter + 1 / mean); }

}  // namespace proactive::daemon
