// What a decoded telemetry or profile record says. Views live in the record's bytes or the decoder's buffers and end
// with the next decode.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "models/base/time.h"

namespace proactive {

// gauge: a level. delta: a change of a sum. cumulative: a running total that may reset. count: occurrences.
// event: something happened; its value is optional and counts as 1.
enum class SignalKind : std::uint8_t { gauge, delta, cumulative, count, event };

using ScalarValue = std::variant<std::string_view, double, bool>;

struct Dim {
  std::string_view name;
  ScalarValue value;
};

struct TelemetryEvent {
  Timestamp time;                // event time
  std::string_view customer;     // 1..256 bytes, no control characters
  std::string_view signal;       // the record's signal name; `type` of the signal catalogue
  std::uint16_t type = 0;        // index of `signal` among the rule set's event types
  std::string_view entity_type;  // both empty: the customer itself
  std::string_view entity_id;
  std::string_view unit;
  double value = 1;  // finite
  SignalKind kind = SignalKind::gauge;
  std::span<const Dim> dims;
  std::uint32_t id_hash = 0;  // of event_id; without one, of event time and payload. Never 0.
};

struct ProfileEvent {
  std::string_view customer;
  bool erased = false;          // a null value: the profile is gone
  std::uint64_t version = 0;    // 0: none given, always taken
  std::span<const Dim> fields;  // top-level scalars
};

}  // namespace proactive
