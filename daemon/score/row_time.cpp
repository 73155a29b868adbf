#include "daemon/score/row_time.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>

#include "daemon/score/field_text.h"

namespace proactive::daemon {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;
constexpr double kLastSecond = 9'214'646'399;  // 2261-12-31T23:59:59Z

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return failure("'" + std::string(text.substr(0, 40)) + "' is not a timestamp: " + std::string(why) +
                 " (expected a form like 2026-11-23T09:39:58Z, 2026-11-23 09:39:58 or epoch seconds)");
}

// Reads the text from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // One to `most` digits, -1 if there is none.
  int number(std::size_t most) {
    int value = -1;
    for (std::size_t i = 0; i < most && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; ++i) {
      value = std::max(value, 0) * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Digits behind the point, as microseconds.
  std::int64_t fraction() {
    std::int64_t value = 0, unit = kSecondUs / 10;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1), unit /= 10) {
      value += (rest_[0] - '0') * unit;
    }
    return value;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

Result<Timestamp> parse_epoch(std::string_view text) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (whole < 0) return bad(text, "it lies before 1970");
    if (whole >= 100'000'000'000'000'000) return Timestamp(Duration(whole / 1000));
    if (whole >= 100'000'000'000'000) {
      if (static_cast<double>(whole) > kLastSecond * 1e6)
        return bad(text, "it lies outside the years 1970..2261");
      return Timestamp(Duration(whole));
    }
    return from_epoch_number(whole);
  }
  const Value seconds = parse_value(text);
  if (seconds.kind != Value::Kind::number) return bad(text, "it has another form");
  double value = seconds.number;
  if (value >= 1e11) value /= 1000;  // milliseconds with a fraction
  if (!(value >= 0 && value <= kLastSecond)) return bad(text, "it lies outside the years 1970..2261");
  return Timestamp(Duration(static_cast<std::int64_t>(std::floor(value * 1e6 + 0.5))));
}

// Behind the date: [T| ]hh:mm[:ss[.fraction]][Z|+hh[:]mm]
struct TimeOfDay {
  std::int64_t us = 0;
  bool zoned = false;
  std::int64_t offset_us = 0;
};
bool scan_time(Scanner& scan, TimeOfDay& time) {
  const int hour = scan.number(2);
  if (!scan.take(":")) return false;
  const int minute = scan.number(2);
  int second = 0;
  std::int64_t fraction = 0;
  if (scan.take(":")) {
    second = scan.number(2);
    if (scan.take(".,")) fraction = scan.fraction();
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  time.us = (hour * 3600LL + minute * 60 + second) * kSecondUs + fraction;

  static_cast<void>(scan.take(" "));
  if (scan.at_end()) return true;
  time.zoned = true;
  if (scan.take("Zz")) return scan.at_end();
  const bool east = scan.take("+");
  if (!east && !scan.take("-")) return false;
  const int hours = scan.number(2);
  static_cast<void>(scan.take(":"));
  const int minutes = scan.at_end() ? 0 : scan.number(2);
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return false;
  time.offset_us = (east ? 1 : -1) * (hours * 3600LL + minutes * 60) * kSecondUs;
  return scan.at_end();
}

Result<Timestamp> parse_date(std::string_view text, const Calendar& calendar) {
  Scanner scan(text);
  const int year = scan.number(4);
  const bool separated = scan.take("-/");
  const int month = scan.number(2);
  const bool again = scan.take("-/");
  const int day = scan.number(2);
  if (!separated || !again || month < 0 || day < 0) return bad(text, "it has another form");
  if (year < 32 && text.find_first_of("-/") <= 2)
    return bad(text, "the year comes last, so day and month may be swapped");
  if (year < 1970 || year > 2261) return bad(text, "the year is outside 1970..2261");
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return bad(text, "there is no such day");
  const std::int64_t day_us = std::chrono::sys_days(date).time_since_epoch().count() * kDayUs;

  TimeOfDay time;
  if (!scan.at_end()) {
    if (!scan.take("Tt ")) return bad(text, "a T or a blank belongs between date and time");
    if (!scan_time(scan, time)) return bad(text, "there is no such time of day");
  }
  const Timestamp utc =
      time.zoned ? Timestamp(Duration(day_us + time.us - time.offset_us)) : calendar.to_utc(day_us + time.us);
  return utc;
}

}  // namespace

Result<Timestamp> parse_row_time(std::string_view text, const Calendar& calendar) {
  text = trimmed(text);
  if (text.empty()) return bad(text, "it is empty");
  // The sign of a number stands in front or behind an e, the one of a date in the midst.
  const std::size_t separator = text.find_first_of("-/:", 1);
  const bool exponent = separator != std::string_view::npos && (text[separator - 1] | 0x20) == 'e';
  if (separator == std::string_view::npos || exponent) return parse_epoch(text);
  return parse_date(text, calendar);
}

}  // namespace proactive::daemon
