#include "daemon/score/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>

namespace proactive::daemon {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
// The last rule of a zone ends at the end of time, which microseconds can't hold.
constexpr std::chrono::seconds kFar{std::int64_t{1} << 40};

std::int64_t micros(std::chrono::seconds time) {
  return std::chrono::duration_cast<Duration>(std::min(time, kFar)).count();
}

}  // namespace

Result<Calendar> Calendar::of(const std::string& name) {
  Calendar calendar;
  if (name == "UTC") {
    calendar.from_us_ = INT64_MIN;
    calendar.until_us_ = INT64_MAX;
    return calendar;
  }
  try {
    calendar.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    return failure("unknown time zone '" + name +
                   "' (expected a name of the zone database, as Europe/Berlin)");
  }
  return calendar;
}

Timestamp Calendar::to_utc(std::int64_t local_us) const {
  if (zone_ == nullptr) return Timestamp(Duration(local_us));
  const date::local_time<Duration> local{Duration(local_us)};
  const date::local_info info = zone_->get_info(date::floor<std::chrono::seconds>(local));
  return Timestamp(Duration(local_us) - info.first.offset);
}

void Calendar::place(Timestamp time, models::Context& context) {
  const std::int64_t us = time.time_since_epoch().count();
  if (us < from_us_ || us >= until_us_) {
    const date::sys_info info = zone_->get_info(date::floor<std::chrono::seconds>(time));
    offset_us_ = micros(info.offset);
    from_us_ = micros(std::max(info.begin.time_since_epoch(), -kFar));
    until_us_ = micros(info.end.time_since_epoch());
  }
  const std::int64_t local_us = us + offset_us_;
  const std::int64_t day = floor_div(local_us, kDayUs);
  const std::int64_t in_day = local_us - day * kDayUs;
  // Day 0 of the epoch was a Thursday.
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;
  context.half_hour = static_cast<std::uint8_t>(in_day / (kHourUs / 2));
  context.hour_of_week = static_cast<std::uint8_t>(weekday * 24 + in_day / kHourUs);
  context.local_day = static_cast<std::uint16_t>(day & 0xffff);
}

}  // namespace proactive::daemon
