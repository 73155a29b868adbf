// The time of day and week as a simulated customer lives it: local clocks of a few IANA zones and how busy
// people and machines are by the local hour.
//
// The simulator may use the standard library only, so the zones' rules are written out here: the European and
// the North American daylight saving of 2007 onwards, and zones without one.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "models/base/time.h"

namespace proactive::daemon {

enum class SimulatedZone : std::uint8_t {
  europe_berlin,
  europe_london,
  europe_madrid,
  america_new_york,
  america_chicago,
  america_los_angeles,
  asia_singapore,
  asia_tokyo,
  asia_kolkata
};
inline constexpr std::size_t kZones = 9;

[[nodiscard]] std::string_view to_string(SimulatedZone zone);  // the IANA name
[[nodiscard]] std::chrono::minutes utc_offset(SimulatedZone zone, Timestamp at);

struct LocalClock {
  double hour = 0;       // [0, 24)
  unsigned weekday = 0;  // 0 = Monday
  std::int64_t day = 0;  // local days since 1970-01-01
  [[nodiscard]] bool weekend() const { return weekday >= 5; }
};
[[nodiscard]] LocalClock local_clock(SimulatedZone zone, Timestamp at);

// Relative activity by local hour, linear between full hours; the mean over a weekday is 1. People sleep:
// their night is 5 % of their mean; integrations run on: 48 %.
[[nodiscard]] double people_activity(double hour);
[[nodiscard]] double machine_activity(double hour);

}  // namespace proactive::daemon
