#include "daemon/outreach/quantity.h"

#include <array>
#include <cmath>

#include <date/tz.h>
#include <fmt/format.h>

namespace proactive::daemon {

namespace {

std::string with_decimals(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (decimals > 0) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string format_bytes(double value) {
  constexpr std::array<std::string_view, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; std::abs(value) >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return format_number(value) + ' ' + std::string(kUnits[unit]);
}

std::string format_seconds(double value) {
  const double size = std::abs(value);
  if (size < 1 && size > 0) return format_number(value * 1e3) + " ms";
  if (size < 120) return format_number(value) + " s";
  if (size < 7200) return format_number(value / 60) + " min";
  if (size < 172800) return format_number(value / 3600) + " h";
  return format_number(value / 86400) + " d";
}

}  // namespace

std::string format_number(double value) {
  const double size = std::abs(value);
  if (size >= 100 || size == 0) return with_decimals(value, 0);
  if (size >= 10) return with_decimals(value, 1);
  int decimals = 2;
  for (double scaled = size; scaled < 1 && decimals < 12; scaled *= 10) ++decimals;
  return with_decimals(value, decimals);
}

std::string format_quantity(double value, rules::Unit unit, bool share) {
  if (share) return format_number(value * 100) + " %";
  switch (unit) {
    case rules::Unit::percent:
      return format_number(value) + " %";
    case rules::Unit::celsius:
      return format_number(value) + " °C";
    case rules::Unit::bytes:
      return format_bytes(value);
    case rules::Unit::ms:
      return std::abs(value) < 1000 ? format_number(value) + " ms" : format_seconds(value / 1e3);
    case rules::Unit::s:
      return format_seconds(value);
    case rules::Unit::per_s:
      return format_number(value) + "/s";
    case rules::Unit::count:
    case rules::Unit::none:
      break;
  }
  return format_number(value);
}

std::string format_lasting(Duration duration) {
  struct Step {
    std::int64_t seconds;
    std::string_view one;
  };
  constexpr std::array<Step, 4> kSteps = {{{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}}};
  const std::int64_t seconds = std::max<std::int64_t>(0, duration.count() / 1'000'000);
  for (const Step& step : kSteps) {
    const bool last = step.seconds == 1;
    if (seconds < 2 * step.seconds && !last && seconds != step.seconds) continue;
    const std::int64_t count = seconds / step.seconds;
    return fmt::format("{} {}{}", count, step.one, count == 1 ? "" : "s");
  }
  return "0 seconds";
}

std::string format_local_minute(Timestamp time, std::string_view zone) {
  std::int64_t offset_minutes = 0;
  if (!zone.empty() && zone != "Etc/UTC" && zone != "UTC") {
    try {
      const date::time_zone* known = date::locate_zone(zone);
      const date::sys_info info = known->get_info(std::chrono::floor<std::chrono::seconds>(time));
      offset_minutes = std::chrono::floor<std::chrono::minutes>(info.offset).count();
    } catch (const std::exception&) {  // the library throws for a name that it does not know
    }
  }
  const Timestamp local = time + std::chrono::minutes(offset_minutes);
  const auto minute = std::chrono::floor<std::chrono::minutes>(local);
  std::string text = format_rfc3339(minute).substr(0, 16);
  if (offset_minutes == 0) return text + 'Z';
  const std::int64_t size = std::abs(offset_minutes);
  return text + fmt::format("{}{:02}:{:02}", offset_minutes < 0 ? '-' : '+', size / 60, size % 60);
}

std::string_view symbol_of(rules::Unit unit) {
  switch (unit) {
    case rules::Unit::percent:
      return "%";
    case rules::Unit::celsius:
      return "Cel";
    case rules::Unit::bytes:
      return "By";
    case rules::Unit::ms:
      return "ms";
    case rules::Unit::s:
      return "s";
    case rules::Unit::per_s:
      return "1/s";
    case rules::Unit::count:
    case rules::Unit::none:
      break;
  }
  return "1";
}

}  // namespace proactive::daemon
