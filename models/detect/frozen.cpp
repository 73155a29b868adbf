#include "models/detect/frozen.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/math.h"
#include "models/detect/sample.h"

namespace proactive::models {

namespace {
constexpr double kMemory = 1000, kPriorSamples = 20;
constexpr double kLonger = 1.5, kLongerRows = 2;
constexpr double kMostGrowth = 2, kMostGrowthRows = 5;
constexpr double kKept = 0.9999;
constexpr double kBeyondSeen = 2.5;  // decades
constexpr double kSmallest = 2;      // less is what any block of a hundred holds
}  // namespace

double Frozen::update(State& s, double x) const {
  const bool same = s.n > 0 && x == s.last;
  const bool always_was = s.run + 1 == s.n;  // one run since the beginning
  const double believed = kMostGrowth * double{s.longest} + kMostGrowthRows;
  s.last = x;
  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  if (!same) {
    const double taught = always_was ? s.run : std::min(static_cast<double>(s.run), believed);
    s.longest = std::max(s.longest, static_cast<float>(taught));
    s.run = 0;
  } else if (s.run < std::numeric_limits<std::uint32_t>::max()) {
    ++s.run;
  }

  double surprise = 0;
  if (same && !always_was && ready(s) && s.run > kLonger * double{s.longest} + kLongerRows) {
    surprise = -math::log10(double{s.repeats}) * s.run;
    surprise = surprise < kSmallest ? 0 : std::min(surprise, math::log10(s.n) + kBeyondSeen);
  }
  s.longest = static_cast<float>(kKept * double{s.longest});
  if (always_was || s.run <= believed) {
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
