// Numbers and times as people read them. English forms; the same bytes on every host.
#pragma once

#include <string>
#include <string_view>

#include "rules/engine/rule.h"

namespace proactive::daemon {

// 13.7, 412, 0.034, 18250: three significant digits, no exponent, no trailing zeros.
[[nodiscard]] std::string format_number(double value);

// "13.7 %" (a share 0..1 of a ratio, and percent), "850 ms", "1.2 s", "45 s", "12 min", "1.5 GB", "41.5 °C", "12.5/s".
[[nodiscard]] std::string format_quantity(double value, rules::Unit unit, bool share);

// "28 minutes", "3 hours", "2 days": the largest unit that fits at least twice, or one of it.
[[nodiscard]] std::string format_lasting(Duration duration);

// "2026-11-23T10:12+01:00": RFC 3339 to the minute in an IANA time zone. Unknown or empty zone: UTC ("Z").
[[nodiscard]] std::string format_local_minute(Timestamp time, std::string_view zone);

// The unit's symbol in events (UCUM): 1, %, Cel, By, ms, s, 1/s.
[[nodiscard]] std::string_view symbol_of(rules::Unit unit);

}  // namespace proactive::daemon
