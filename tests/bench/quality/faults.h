// Faults in a clean signal. Their sizes are multiples of the signal's `reach`, the 99.9 % quantile of its own deviations:
// five standard deviations are a fault in normal noise and none in Student's.
#pragma once

#include <vector>

#include "tests/bench/quality/signals.h"

namespace proactive::quality {

struct Fault {
  FaultKind kind{};
  std::size_t begin = 0, end = 0;  // grid steps
};

// One to three faults of the signal's kind, apart from each other, none in the first `quiet` steps. The signal is changed
// where they are and equal to the clean one elsewhere.
[[nodiscard]] std::vector<Fault> inject_faults(Signal& signal, const std::vector<FaultKind>& kinds,
                                               std::size_t quiet, Random& random);

}  // namespace proactive::quality
