// Frozen notices a value that repeats exactly, for longer than this series does: a sensor or collector that hangs.
//
//   repeats: how often a value equals the one before, memory 1000 samples, of a run only the first 2 longest + 5
//   a run of k repeats: -log10 p = min(-k log10 repeats, log10 n + 2.5), once k > 1.5 longest + 2; less than 2 is nothing
//   longest: of the runs so far; one run raises it to 2 longest + 5 at most, and each sample forgets 1/10,000 of it
//
// A run of k has the probability repeats^k if repeats were independent; that they are not is what `longest` knows. A series
// that is still every night is news a few times; a counter that is mostly 0 needs a run beyond its longest. The evidence is
// bounded by what was seen, as everywhere (tail.h). An incident cannot teach in one run that hours of it are normal.
// What never moved since it began is no run: it says nothing and teaches all.
// Source: the geometric distribution of runs. Cost: about 10 ns. State: 24 B. Clock and allocation: none.
// Silent until 100 samples. Parameters: none.
// Not for: signals that move a little while nothing happens (the last digit of a sensor that hangs elsewhere).
#pragma once

#include <cstdint>

namespace proactive::models {

class Frozen {
 public:
  static constexpr std::uint32_t kSilentUntil = 100;

  struct State {
    double last = 0;
    float repeats = 0.05F, longest = 0;
    std::uint32_t run = 0, n = 0;
  };
  static_assert(sizeof(State) == 24);

  // -log10 p of the run that x continues, 0 if it continues none; then learns x. REQUIRES: x finite.
  [[nodiscard]] double update(State& state, double x) const;
  [[nodiscard]] bool ready(const State& state) const { return state.n >= kSilentUntil; }
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
