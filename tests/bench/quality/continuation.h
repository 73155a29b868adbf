// To save a series, load it elsewhere and go on equals never having stopped: to the bit, for every ensemble, at every
// hundredth row of every generator of the kit, with faults, holes and late rows.
#pragma once

#include <string>
#include <vector>

namespace proactive::quality {

struct Continuation {
  std::vector<std::string>
      broken;  // "gauge on cpu/5m/0: row 300 differs"; at most one for each ensemble and series
  double rows = 0, saves = 0;
};
// About 8 s.
[[nodiscard]] Continuation check_continuation();

}  // namespace proactive::quality
