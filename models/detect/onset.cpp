#include "models/detect/onset.h"

#include <chrono>

#include "models/base/math.h"

namespace proactive::models {

double Onset::update(State& s, double ratio, Duration elapsed) const {
  constexpr double kMemory = static_cast<double>(Duration(std::chrono::hours(18)).count());
  constexpr double kEscalation = 1.25;
  if (!params_.memory) return ratio;
  const double age = elapsed.count() > 0 ? static_cast<double>(elapsed.count()) / kMemory : 0;
  double peak = double{s.peak} * math::exp(-age);
  if (peak < 1e-6) peak = 0;  // denormal numbers are slow
  const bool rises = ratio > peak;
  if (rises) peak = ratio * (!params_.escalation ? 1 : ratio < params_.news ? params_.below : kEscalation);
  s.peak = static_cast<float>(peak);
  return rises ? ratio : 0;
}

bool Onset::sane(const State& s) const { return s.peak >= 0 && s.peak <= 1e6F; }

}  // namespace proactive::models
