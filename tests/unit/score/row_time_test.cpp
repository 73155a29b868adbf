#include "daemon/score/row_time.h"

#include <doctest/doctest.h>

#include <string>

namespace proactive::daemon {
namespace {

std::string utc(const char* text, const char* zone = "UTC") {
  const auto time = parse_row_time(text, *Calendar::of(zone));
  return time ? format_rfc3339(*time) : "refused";
}

}  // namespace

TEST_CASE("timestamps are read in the forms that files have") {
  // with an offset
  CHECK(utc("2026-11-23T09:39:58Z") == "2026-11-23T09:39:58Z");
  CHECK(utc("2026-11-23T09:39:58.25Z") == "2026-11-23T09:39:58.250Z");
  CHECK(utc("2026-11-23 09:39:58+01:00") == "2026-11-23T08:39:58Z");
  CHECK(utc("2026-11-23 09:39:58 -0330") == "2026-11-23T13:09:58Z");
  // local
  CHECK(utc("2026-11-23 09:39:58") == "2026-11-23T09:39:58Z");
  CHECK(utc(" 2026-11-23 09:39 ") == "2026-11-23T09:39:00Z");
  CHECK(utc("2026-11-23 09:39:58.120000") == "2026-11-23T09:39:58.120Z");
  CHECK(utc("2026/1/3 9:05") == "2026-01-03T09:05:00Z");
  CHECK(utc("2026-11-23") == "2026-11-23T00:00:00Z");
  // epoch: seconds, with a fraction, milli-, micro-, nanoseconds; a row number
  CHECK(utc("1763890798") == "2025-11-23T09:39:58Z");
  CHECK(utc("1763890798.5") == "2025-11-23T09:39:58.500Z");
  CHECK(utc("1.763890798e9") == "2025-11-23T09:39:58Z");
  CHECK(utc("1763890798000") == "2025-11-23T09:39:58Z");
  CHECK(utc("1763890798000000") == "2025-11-23T09:39:58Z");
  CHECK(utc("1763890798000000000") == "2025-11-23T09:39:58Z");
  CHECK(utc("17") == "1970-01-01T00:00:17Z");
}

TEST_CASE("what is no timestamp is refused with a form that is one") {
  for (const char* text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-23 24:00:00", "2026-11-23 9", "23.11.2026",
        "-5", "nan", "inf", "1e300", "99999999999999999999", "1969-12-31", "2026-11-23T09:39:58Zx",
        "2026-11-23T09:39:58+", "2026-11-23x09:39:58", "--", "e-5"}) {
    CAPTURE(text);
    const auto time = parse_row_time(text, *Calendar::of("UTC"));
    REQUIRE_FALSE(time);
    CHECK(time.error().message.find("2026-11-23T09:39:58Z") != std::string::npos);
  }
  const auto swapped = parse_row_time("11/23/2026 09:00", *Calendar::of("UTC"));
  REQUIRE_FALSE(swapped);
  CHECK(swapped.error().message.find("the year comes last") != std::string::npos);
}

TEST_CASE("local times follow the zone, also where the clock changes") {
  CHECK(utc("2026-07-01 12:00:00", "Europe/Berlin") == "2026-07-01T10:00:00Z");
  CHECK(utc("2026-01-01 12:00:00", "Europe/Berlin") == "2026-01-01T11:00:00Z");
  // the hour that is skipped, and the first of the two that are one
  CHECK(utc("2026-03-29 02:30:00", "Europe/Berlin") == "2026-03-29T01:30:00Z");
  CHECK(utc("2026-10-25 02:30:00", "Europe/Berlin") == "2026-10-25T00:30:00Z");
  CHECK(utc("2026-07-01T12:00:00Z", "Asia/Kolkata") == "2026-07-01T12:00:00Z");
  CHECK_FALSE(Calendar::of("Mars/Base"));
}

TEST_CASE("the slots of day and week are those of the zone") {
  Calendar calendar = *Calendar::of("Asia/Kolkata");  // UTC+05:30
  models::Context context;
  calendar.place(*parse_rfc3339("2026-11-22T18:45:00Z"), context);  // Monday 00:15
  CHECK(context.half_hour == 0);
  CHECK(context.hour_of_week == 0);
  calendar.place(*parse_rfc3339("2026-11-22T18:15:00Z"), context);  // Sunday 23:45
  CHECK(context.half_hour == 47);
  CHECK(context.hour_of_week == 167);
}

}  // namespace proactive::daemon
