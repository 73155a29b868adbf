#include "daemon/simulate/rhythm.h"

#include <doctest/doctest.h>

namespace proactive::daemon {
namespace {

Timestamp at(const char* text) { return parse_rfc3339(text).value(); }

TEST_CASE("clocks change on the days the IANA database names") {
  struct Row {
    SimulatedZone zone;
    const char* time;
    int minutes;
  };
  // Offsets by `TZ=... date -d @...` with tzdata 2024b.
  const Row rows[] = {
      {SimulatedZone::europe_berlin, "2026-01-05T00:00:00Z", 60},
      {SimulatedZone::europe_berlin, "2026-03-29T00:59:59Z", 60},   // the last second of winter
      {SimulatedZone::europe_berlin, "2026-03-29T01:00:00Z", 120},  // the first of summer
      {SimulatedZone::europe_berlin, "2026-10-25T00:59:59Z", 120},
      {SimulatedZone::europe_berlin, "2026-10-25T01:00:00Z", 60},
      {SimulatedZone::europe_london, "2026-07-01T12:00:00Z", 60},
      {SimulatedZone::america_new_york, "2026-03-08T06:59:59Z", -300},  // 01:59:59 at the eastern clocks
      {SimulatedZone::america_new_york, "2026-03-08T07:00:00Z", -240},
      {SimulatedZone::america_new_york, "2026-11-01T05:59:59Z", -240},
      {SimulatedZone::america_new_york, "2026-11-01T06:00:00Z", -300},
      {SimulatedZone::america_los_angeles, "2026-03-08T09:59:59Z", -480},  // three hours after New York
      {SimulatedZone::america_los_angeles, "2026-03-08T10:00:00Z", -420},
      {SimulatedZone::asia_kolkata, "2026-07-01T12:00:00Z", 330},  // half an hour off, no daylight saving
      {SimulatedZone::asia_tokyo, "2026-07-01T12:00:00Z", 540},
  };
  for (const Row& row : rows) {
    CAPTURE(row.time);
    CHECK(utc_offset(row.zone, at(row.time)).count() == row.minutes);
  }
}

TEST_CASE("a local clock knows hour, weekday and day across midnight") {
  const LocalClock tokyo = local_clock(SimulatedZone::asia_tokyo, at("2026-01-09T16:30:00Z"));

  CHECK(tokyo.hour == doctest::Approx(1.5));
  CHECK(tokyo.weekday == 5);  // Saturday there, Friday still in UTC
  CHECK(tokyo.weekend());
  CHECK(tokyo.day == 20463);  // 2026-01-10
}

TEST_CASE("a weekday's activity averages to one, and people rest more than machines") {
  double people = 0, machines = 0;
  for (int minute = 0; minute < 1440; ++minute) {
    people += people_activity(minute / 60.0) / 1440;
    machines += machine_activity(minute / 60.0) / 1440;
  }
  CHECK(people == doctest::Approx(1).epsilon(0.001));
  CHECK(machines == doctest::Approx(1).epsilon(0.001));

  CHECK(people_activity(3) < 0.1);
  CHECK(people_activity(10) > 2);
  CHECK(machine_activity(3) > 0.4);
}

}  // namespace
}  // namespace proactive::daemon
