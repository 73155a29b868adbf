#include "models/base/time.h"

#include <doctest/doctest.h>

namespace proactive {
namespace {

using namespace std::chrono_literals;

TEST_CASE("RFC 3339 times are read to the microsecond in UTC") {
  struct Row {
    const char* text;
    std::int64_t micros;
  };
  const Row rows[] = {
      {"1970-01-01T00:00:00Z", 0},                               // the epoch
      {"2026-11-23T09:39:58.120Z", 1'795'426'798'120'000},       // milliseconds
      {"2026-11-23T10:39:58.12+01:00", 1'795'426'798'120'000},   // the same moment elsewhere
      {"2026-11-23t04:09:58.120-05:30", 1'795'426'798'120'000},  // small t, half-hour zone
      {"2026-11-23 09:39:58.120z", 1'795'426'798'120'000},       // a space, small z
      {"2000-02-29T12:00:00.123456789Z", 951'825'600'123'456},   // digits beyond the sixth are dropped
      {"2016-12-31T23:59:60Z", 1'483'228'800'000'000},           // a leap second is the next second
      {"2261-12-31T23:59:59Z", 9'214'646'399'000'000},           // the last year
  };
  for (const Row& row : rows) {
    const Result<Timestamp> time = parse_rfc3339(row.text);
    INFO(row.text);
    REQUIRE(time.has_value());
    CHECK(time->time_since_epoch().count() == row.micros);
  }
}

TEST_CASE("a time that is not RFC 3339 is refused with the reason") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const Row rows[] = {
      {"", "a digit is missing"},
      {"2026-11-23", "a digit is missing"},
      {"2026-11-23T09:39:58", "the offset is missing"},
      {"2026-11-23T09:39:58.Z", "fractional digits"},
      {"2026-11-23T09:39:58.1234567890Z", "fractional digits"},  // ten of them
      {"2026-11-23T09:39:58+0100", "the offset is wrong"},
      {"2026-11-23T09:39:58+24:00", "the offset is wrong"},
      {"2026-11-23T09:39:58Z ", "text behind it"},
      {"2026/11/23T09:39:58Z", "a separator is wrong"},
      {"2026-02-29T00:00:00Z", "no such day"},
      {"2100-02-29T00:00:00Z", "no such day"},  // a century is no leap year
      {"2026-13-01T00:00:00Z", "no such day"},
      {"2026-11-23T24:00:00Z", "no such time of day"},
      {"2026-11-23T23:58:60Z", "no such time of day"},
      {"1969-12-31T23:59:59Z", "the year is outside"},
      {"2262-01-01T00:00:00Z", "the year is outside"},
      {"1970-01-01T00:00:00+01:00", "before 1970"},
  };
  for (const Row& row : rows) {
    const Result<Timestamp> time = parse_rfc3339(row.text);
    INFO(row.text);
    REQUIRE_FALSE(time.has_value());
    CHECK(time.error().message.find(row.reason) != std::string::npos);
  }
}

TEST_CASE("times are written in UTC, with milliseconds only where there are some") {
  CHECK(format_rfc3339(Timestamp(0us)) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339(Timestamp(1'795'426'798'120'999us)) == "2026-11-23T09:39:58.120Z");
  CHECK(format_rfc3339(Timestamp(1'795'426'798'000'999us)) == "2026-11-23T09:39:58Z");
  CHECK(format_rfc3339(Timestamp(-1us)) == "1969-12-31T23:59:59.999Z");
  CHECK(format_rfc3339(kNever) == "never");
}

TEST_CASE("durations are whole numbers with a unit") {
  struct Row {
    const char* text;
    Duration duration;
    const char* shortest;
  };
  const Row rows[] = {
      {"0s", 0s, "0s"},      {"0ms", 0s, "0s"},     {"1500ms", 1500ms, "1500ms"}, {"60s", 1min, "1m"},
      {"15m", 15min, "15m"}, {"90m", 90min, "90m"}, {"36h", 36h, "36h"},          {"24h", 24h, "1d"},
      {"2d", 48h, "2d"},     {"14d", 336h, "2w"},   {"521w", 521 * 168h, "521w"},
  };
  for (const Row& row : rows) {
    const Result<Duration> duration = parse_duration(row.text);
    INFO(row.text);
    REQUIRE(duration.has_value());
    CHECK(*duration == row.duration);
    CHECK(format_duration(*duration) == row.shortest);
  }
  CHECK(format_duration(1499us) == "1ms");
  CHECK(format_duration(1500us) == "2ms");
  CHECK(format_duration(-15min) == "-15m");
  CHECK(format_duration(Duration::min()).front() == '-');
}

TEST_CASE("a duration without unit, sign or measure is refused") {
  for (const char* text :
       {"", "15", "m", "1.5h", "-15m", "+15m", "15 m", "15min", "15M", " 15m", "1h30m", "1e3s"}) {
    INFO(text);
    const Result<Duration> duration = parse_duration(text);
    REQUIRE_FALSE(duration.has_value());
    CHECK(duration.error().message.find("whole number") != std::string::npos);
  }
  for (const char* text : {"523w", "11y", "99999999999999999999m", "9223372036854775807w"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("epoch numbers are seconds below 1e11 and milliseconds from there on") {
  CHECK(from_epoch_number(0).value() == Timestamp(0s));
  CHECK(from_epoch_number(99'999'999'999 / 100).value() == Timestamp(999'999'999s));
  CHECK(from_epoch_number(1'795'426'798).value() == Timestamp(1'795'426'798s));
  CHECK(from_epoch_number(1'795'426'798'120).value() == Timestamp(1'795'426'798'120ms));
  CHECK(from_epoch_number(100'000'000'000).value() == Timestamp(100'000'000'000ms));
  CHECK_FALSE(from_epoch_number(-1).has_value());
  CHECK_FALSE(from_epoch_number(9'214'646'400'000).has_value());
}

}  // namespace
}  // namespace proactive
