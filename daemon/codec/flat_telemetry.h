// The usual telemetry record, read in one pass over its bytes: an object of scalars, with `dims` and `entity` as objects
// of scalars, no escapes.
//
// Most of what comes in looks so, and indexing a record of 180 bytes first costs more than reading it. Whatever is not
// so plain (escapes, deeper nesting, a CloudEvent, anything wrong) is declined, and JsonReader decides on it: this
// reader never refuses a record and never says what is wrong.
// Guarantee: what it does not decline, JsonReader and read_canonical() read to the same fields (fuzzed).
// Owner: the caller. Clock, allocation: none. Cost: about 0.5 ns a byte.
#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/codec/telemetry_fields.h"

namespace proactive::daemon {

enum class FlatReading : std::uint8_t { declined, complete, unused };

// REQUIRES: fields are clear; after `declined` they hold anything. `offset`: how many bytes of the record's value came
// before. Texts point into `payload`.
[[nodiscard]] FlatReading read_flat(std::string_view payload, std::size_t offset, const SignalTable& signals,
                                    const DecodeLimits& limits, TelemetryFields& into);

}  // namespace proactive::daemon
