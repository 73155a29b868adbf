// Alarm is the on and off that one threshold makes of a series of own-noise ratios.
//
// It opens at an onset of theta or more and closes after three rows in a row with a ratio below 1.
#pragma once

#include <cstdint>

namespace proactive::daemon {

enum class Sensitivity : std::uint8_t { low, medium, high };

// The onset from which on a row is news: about 0.1, 0.3 and 4 false ones in 10,000 rows of normal noise.
[[nodiscard]] constexpr double theta_of(Sensitivity sensitivity) {
  return sensitivity == Sensitivity::low ? 3.0 : sensitivity == Sensitivity::medium ? 2.0 : 1.6;
}

struct Alarm {
  bool on = false;
  std::uint8_t quiet = 0;  // rows below 1 in a row

  void update(double onset, double ratio, double theta) {
    quiet = ratio < 1 ? static_cast<std::uint8_t>(quiet + (quiet < 255 ? 1 : 0)) : std::uint8_t{0};
    if (onset >= theta) on = true;
    if (quiet >= 3) on = false;
  }
};

}  // namespace proactive::daemon
