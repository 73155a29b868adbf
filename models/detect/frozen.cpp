#include "models/detect/frozen.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"
#include "models/detect/sample.h"

namespace proactive::models {

namespace {
constexpr double kMemory = 1000, kPriorSamples = 20;
constexpr std::uint32_t kTaught = 5;  // repeats of a run that teach how often a value repeats
constexpr double kLonger = 1.5, kLongerRows = 2;
constexpr double kMostGrowth = 2, kMostGrowthRows = 5;
constexpr double kKept = 0.9999;
constexpr double kBeyondSeen = 2;  // decades
constexpr double kSmallest = 2;    // less is what any block of a hundred holds
}  // namespace

double Frozen::update(State& s, double x) const {
  const bool same = s.n > 0 && x == s.last;
  s.last = x;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  if (!same) {
    const double most = kMostGrowth * double{s.longest} + kMostGrowthRows;
    s.longest = std::max(s.longest, static_cast<float>(std::min(static_cast<double>(s.run), most)));
    s.run = 0;
  } else if (s.run < std::numeric_limits<std::uint32_t>::max()) {
    ++s.run;
  }

  double surprise = 0;
  if (same && ready(s) && s.run > kLonger * double{s.longest} + kLongerRows) {
    surprise = -math::log10(double{s.repeats}) * s.run;
    surprise = surprise < kSmallest ? 0 : std::min(surprise, math::log10(s.n) + kBeyondSeen);
  }
  s.longest = static_cast<float>(kKept * double{s.longest});
  if (s.run <= kTaught) {
    const double gain = std::max(1 / kMemory, 1 / (s.n + kPriorSamples));
    s.repeats = static_cast<float>(double{s.repeats} + gain * ((same ? 1 : 0) - double{s.repeats}));
  }
  return surprise;
}

bool Frozen::sane(const State& s) const {
  return std::fabs(s.last) <= kLargestValue && s.repeats > 0 && s.repeats < 1 && s.longest >= 0 &&
         double{s.longest} <= 4e9 && s.run <= s.n;
}

}  // namespace proactive::models
