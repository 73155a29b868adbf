#include "models/detect/forecaster_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace proactive::models {

namespace {
constexpr double kMemory = 300;
double clipped_error(const Reading& reading) { return std::min(std::fabs(reading.z), 5.0) * reading.scale; }
}  // namespace

void ForecasterChoice::learn(State& s, const Reading& first, const Reading& second) const {
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  const double gain = s.n < kMemory ? 1.0 / s.n : 1 / kMemory;
  s.first_error =
      static_cast<float>(double{s.first_error} + gain * (clipped_error(first) - double{s.first_error}));
  s.second_error =
      static_cast<float>(double{s.second_error} + gain * (clipped_error(second) - double{s.second_error}));
}

bool ForecasterChoice::sane(const State& s) const {
  return s.first_error >= 0 && s.second_error >= 0 && double{s.first_error} <= 5 * kLargestValue &&
         double{s.second_error} <= 5 * kLargestValue;
}

}  // namespace proactive::models
