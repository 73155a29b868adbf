#include "models/base/time.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace proactive {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2261;
constexpr std::int64_t kLastEpochMs = 9'214'646'399'999;  // 2261-12-31T23:59:59.999Z

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
// Largest first: format_duration takes the first that divides.
constexpr std::array<Unit, 6> kUnits{{{"w", 7 * kSecondsPerDay* kMicrosPerSecond},
                                      {"d", kSecondsPerDay* kMicrosPerSecond},
                                      {"h", 3'600 * kMicrosPerSecond},
                                      {"m", 60 * kMicrosPerSecond},
                                      {"s", kMicrosPerSecond},
                                      {"ms", 1'000}}};
constexpr std::int64_t kLongestMicros = 3'653 * kSecondsPerDay * kMicrosPerSecond;  // ten years

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `width` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int number = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (!is_digit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::int64_t epoch_days(int year, int month, int day) {
  const std::chrono::sys_days days = std::chrono::year{year} / month / day;
  return days.time_since_epoch().count();
}

tl::unexpected<Error> bad_time(std::string_view text, std::string_view why) {
  return failure("'" + std::string(text.substr(0, 64)) + "' is not an RFC 3339 time: " + std::string(why) +
                 " (expected a form like 2026-11-23T09:39:58Z)");
}

// Two digits at `at` as a number; anything else sets `wrong`.
unsigned two_digits(const char* at, unsigned& wrong) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  wrong |= static_cast<unsigned>(tens > 9) | static_cast<unsigned>(ones > 9);
  return tens * 10 + ones;
}

// The form that most programs write: 2026-11-23T09:39:58Z, or with up to six decimals. Everything else, and everything
// that is wrong, is nullopt.
std::optional<Timestamp> parse_usual_form(std::string_view text) {
  if (text.size() < 20 || text.size() > 27 || text.back() != 'Z') return std::nullopt;
  const char* const at = text.data();
  if (at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':') return std::nullopt;
  unsigned wrong = 0;
  const unsigned year = two_digits(at, wrong) * 100 + two_digits(at + 2, wrong);
  const unsigned month = two_digits(at + 5, wrong);
  const unsigned day = two_digits(at + 8, wrong);
  const unsigned hour = two_digits(at + 11, wrong);
  const unsigned minute = two_digits(at + 14, wrong);
  const unsigned second = two_digits(at + 17, wrong);
  // Days that not every month has, and leap seconds, take the long way.
  wrong |= static_cast<unsigned>(year < kFirstYear) | static_cast<unsigned>(year > kLastYear) |
           static_cast<unsigned>(month - 1 > 11) | static_cast<unsigned>(day - 1 > 27) |
           static_cast<unsigned>(hour > 23) | static_cast<unsigned>(minute > 59) |
           static_cast<unsigned>(second > 59);
  std::uint32_t micros = 0;
  if (text.size() > 20) {
    if (at[19] != '.' || text.size() == 21) return std::nullopt;
    std::uint32_t unit = 100'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, unit /= 10) {
      const unsigned digit = static_cast<unsigned char>(at[i]) - unsigned{'0'};
      wrong |= static_cast<unsigned>(digit > 9);
      micros += unit * digit;
    }
  }
  if (wrong != 0) return std::nullopt;
  const std::int64_t days =
      epoch_days(static_cast<int>(year), static_cast<int>(month), static_cast<int>(day));
  const std::int64_t seconds = days * kSecondsPerDay + hour * 3'600 + minute * 60 + second;
  return Timestamp(microseconds(seconds * kMicrosPerSecond + micros));
}

}  // namespace

Result<Timestamp> parse_rfc3339(std::string_view text) {
  if (const std::optional<Timestamp> usual = parse_usual_form(text)) return *usual;
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if ((year | month | day | hour | minute | second) < 0) return bad_time(text, "a digit is missing");
  const char separator = text[10];
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      (separator != 'T' && separator != 't' && separator != ' ')) {
    return bad_time(text, "a separator is wrong");
  }
  if (year < kFirstYear || year > kLastYear) return bad_time(text, "the year is outside 1970..2261");
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return bad_time(text, "there is no such day");
  }
  // A leap second counts as the second after it: the clock has none.
  if (hour > 23 || minute > 59 || second > (minute == 59 ? 60 : 59))
    return bad_time(text, "there is no such time of day");

  std::size_t at = 19;
  std::int64_t micros = 0;
  if (at < text.size() && text[at] == '.') {
    const std::size_t first = ++at;
    std::int64_t unit = kMicrosPerSecond;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      unit /= 10;  // 0 beyond the sixth digit
      micros += unit * (text[at] - '0');
    }
    if (at == first || at - first > 9) return bad_time(text, "one to nine fractional digits are read");
  }

  std::int64_t offset_minutes = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const int offset_hour = digits(text, at + 1, 2), offset_minute = digits(text, at + 4, 2);
    if (offset_hour < 0 || offset_minute < 0 || text[at + 3] != ':' || offset_hour > 23 ||
        offset_minute > 59) {
      return bad_time(text, "the offset is wrong");
    }
    offset_minutes = (text[at] == '-' ? -1 : 1) * (offset_hour * 60 + offset_minute);
    at += 6;
  } else {
    return bad_time(text, "the offset is missing");
  }
  if (at != text.size()) return bad_time(text, "there is text behind it");

  const std::int64_t seconds =
      epoch_days(year, month, day) * kSecondsPerDay + hour * 3'600 + (minute - offset_minutes) * 60 + second;
  if (seconds < 0) return bad_time(text, "it is before 1970");
  return Timestamp(microseconds(seconds * kMicrosPerSecond + micros));
}

std::string format_rfc3339(Timestamp time) {
  if (time == kNever) return "never";
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::int64_t ms = (time - days).count() / 1'000;
  std::string out;
  const auto put = [&out](std::int64_t number, std::size_t width) {
    const std::string text = std::to_string(number);
    if (text.size() < width) out.append(width - text.size(), '0');
    out += text;
  };
  put(static_cast<int>(date.year()), 4);
  out += '-';
  put(static_cast<unsigned>(date.month()), 2);
  out += '-';
  put(static_cast<unsigned>(date.day()), 2);
  out += 'T';
  put(ms / 3'600'000, 2);
  out += ':';
  put(ms / 60'000 % 60, 2);
  out += ':';
  put(ms / 1'000 % 60, 2);
  if (ms % 1'000 != 0) {
    out += '.';
    put(ms % 1'000, 3);
  }
  out += 'Z';
  return out;
}

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const bool begins_with_digit = !text.empty() && is_digit(text.front());
  if (begins_with_digit && (error == std::errc{} || error == std::errc::result_out_of_range)) {
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& known : kUnits) {
      if (unit != known.name) continue;
      if (error != std::errc{} || number > kLongestMicros / known.micros) {
        return failure("'" + std::string(text.substr(0, 64)) + "' is longer than ten years");
      }
      return Duration(number * known.micros);
    }
  }
  return failure("'" + std::string(text.substr(0, 64)) +
                 "' is not a duration: write a whole number and one of ms, s, m, h, d, w, such as 15m");
}

std::string format_duration(Duration duration) {
  const bool negative = duration.count() < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(duration.count())
                                           : static_cast<std::uint64_t>(duration.count());
  const std::uint64_t micros = (magnitude + 500) / 1'000 * 1'000;
  if (micros == 0) return "0s";
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.micros);
    if (micros % size != 0) continue;
    return (negative ? "-" : "") + std::to_string(micros / size) + std::string(unit.name);
  }
  return "0s";  // not reached: ms divides
}

Result<Timestamp> from_epoch_number(std::int64_t number) {
  constexpr std::int64_t kFirstMillisecond = 100'000'000'000;
  if (number < 0) return failure(std::to_string(number) + " is not an epoch time: it is negative");
  if (number > kLastEpochMs) {
    return failure(std::to_string(number) +
                   " is not an epoch time in seconds or milliseconds: it is after the year 2261");
  }
  return Timestamp(microseconds(number < kFirstMillisecond ? number * kMicrosPerSecond : number * 1'000));
}

}  // namespace proactive
