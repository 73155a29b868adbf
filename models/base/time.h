// Time as the whole project sees it: one clock type, one text form, durations with units.
//
// Timestamp is UTC with microseconds. No function here reads a clock; time is always an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/base/result.h"

namespace proactive {

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Duration>;

// The smallest Timestamp, used for "never seen"; no record can carry it.
inline constexpr Timestamp kNever = Timestamp::min();

// Rounds down, also below zero. REQUIRES: b > 0.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Times that records can lead to, in microseconds of the epoch: theirs are of the years 1970 to 2261, and durations are of
// ten years at most. Stored state that says otherwise is damaged.
inline constexpr std::int64_t kEarliestUs = -std::int64_t{20} * 31'557'600 * 1'000'000;
inline constexpr std::int64_t kLatestUs = std::int64_t{320} * 31'557'600 * 1'000'000;
[[nodiscard]] constexpr bool plausible_us(std::int64_t us) { return us >= kEarliestUs && us <= kLatestUs; }

// "2026-11-23T09:39:58.120Z", "...+01:00". An offset is required; up to nine fractional digits are read, digits
// beyond the sixth are dropped. Years 1970..2261.
[[nodiscard]] Result<Timestamp> parse_rfc3339(std::string_view text);

// "2026-11-23T09:12:00Z"; milliseconds (three digits) only when they are not zero.
[[nodiscard]] std::string format_rfc3339(Timestamp time);

// Integer and one of ms s m h d w: "15m", "2d". Zero is "0s". At most ten years.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

// The shortest exact form that parse_duration reads back: "15m", "36h", "1500ms"; microseconds are rounded to ms.
[[nodiscard]] std::string format_duration(Duration duration);

// Epoch integers as they occur in telemetry: seconds below 1e11, milliseconds from there on.
[[nodiscard]] Result<Timestamp> from_epoch_number(std::int64_t number);

}  // namespace proactive
