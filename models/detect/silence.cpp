#include "models/detect/silence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr double kMemory = 200;
constexpr double kClip = 3;  // scales
constexpr double kLeastDeviation = 0.5;
constexpr double kLeastGaps = 3;        // usual ones, before anything is said
constexpr double kLeastSeconds = 1e-3;  // shorter gaps are one burst
constexpr double kMostSeconds = 10 * 365.25 * 86400;

double seconds(Duration gap) {
  return std::clamp(static_cast<double>(gap.count()) / 1e6, kLeastSeconds, kMostSeconds);
}
Duration duration(double gap_seconds) {
  return Duration(static_cast<std::int64_t>(std::ceil(std::min(gap_seconds, kMostSeconds) * 1e6)));
}

}  // namespace

void Silence::learn(State& s, Duration gap, double factor) const {
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  s.log_gap.learn(math::log(seconds(gap) / factor), s.n, kMemory, kClip, kLeastDeviation);
}

double Silence::surprise(const State& s, Duration gap, double factor) const {
  if (!ready(s)) return 0;
  const double beyond = math::log(seconds(gap) / factor) - double{s.log_gap.mean};
  if (beyond < math::log(kLeastGaps)) return 0;
  return -math::log_normal_tail(beyond / s.log_gap.scale(kLeastDeviation)) * math::kLog10e;
}

Duration Silence::deadline(const State& s, double surprise, double factor) const {
  const double z = -math::normal_quantile(math::exp(-surprise * math::kLn10));
  const double beyond = std::max(math::log(kLeastGaps), z * s.log_gap.scale(kLeastDeviation));
  return duration(math::exp(std::min(double{s.log_gap.mean} + beyond, 30.0)) * factor);
}

Duration Silence::usual(const State& s) const {
  return duration(math::exp(std::min(double{s.log_gap.mean}, 30.0)));
}

bool Silence::sane(const State& s) const {
  return std::fabs(double{s.log_gap.mean}) <= 100 && s.log_gap.deviation >= 0 && s.log_gap.deviation <= 100;
}

}  // namespace proactive::models
