// Silence says how odd it is that an entity has not spoken for so long.
//
//   log gap ~ Normal(mean, max(1.2533 deviation, 0.5));   p = P(gap > g) = P(Z >= (log(g/factor) - mean)/sd)
//   mean, deviation of the log gaps: memory 200, clipped to +-3 scales (robust.h)
//
// The least sd of 0.5 keeps a regular sender from firing as soon as it is a little late. `factor`: how much longer gaps
// usually are at this time of day, 1 where not known. A deadline is the gap at which p falls to a given value, and never
// before 3 usual gaps: the caller sets a timer by it instead of asking again and again.
// Source: log-normal renewal process, Cox 1962. Cost: about 20 ns to learn, 650 ns to score. State: 16 B.
// Clock and allocation: none: gaps are event time, and time that the reader itself was late must not count.
// Silent until 10 gaps are known. Parameters: none.
// Not for: entities that left for good (an end after 30 days is the rule's), events in batches (their gaps are two kinds).
#pragma once

#include <cstdint>

#include "models/base/time.h"
#include "models/detect/robust.h"

namespace proactive::models {

class Silence {
 public:
  static constexpr std::uint32_t kSilentUntil = 10;

  struct State {
    Robust log_gap;  // of seconds
    std::uint32_t n = 0;
    std::uint32_t reserved = 0;
  };
  static_assert(sizeof(State) == 16);

  // A gap that an event has ended. REQUIRES, here and below: gap >= 0, factor > 0.
  void learn(State& state, Duration gap, double factor = 1) const;
  [[nodiscard]] bool ready(const State& state) const { return state.n >= kSilentUntil; }
  // -log10 p of a gap that still lasts; 0 within 3 usual gaps and while not ready.
  [[nodiscard]] double surprise(const State& state, Duration gap, double factor = 1) const;
  // The shortest gap whose surprise is at least this much. REQUIRES: ready, surprise in (0, 30].
  [[nodiscard]] Duration deadline(const State& state, double surprise, double factor = 1) const;
  [[nodiscard]] Duration usual(const State& state) const;  // the median gap
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
