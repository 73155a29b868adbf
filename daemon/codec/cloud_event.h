// CloudEvents 1.0 around the canonical JSON: told by header or by the record's own `specversion`. Only the
// envelope is read here; what `data` says is the caller's.
//
//   structured  content-type application/cloudevents... (any case), or no telling header and a top-level
//   `specversion` binary      a header ce_specversion: attributes are headers, the value is `data`
#pragma once

#include <functional>

#include "daemon/codec/json_reader.h"

namespace proactive::daemon {

enum class Envelope : std::uint8_t { none, structured, binary };

[[nodiscard]] Envelope envelope_of(const InputRecord& record);

// The attributes that stand in for absent canonical fields.
struct EnvelopeAttributes {
  Token id, time, partition_key;
};

// Attributes of a binary event. Failure: unknown_shape (another version, data that is not JSON), not_utf8.
[[nodiscard]] std::optional<DecodeError> binary_attributes(const InputRecord& record,
                                                           EnvelopeAttributes& into);

// Reads a structured event; calls on_data with the object of `data`, which may end the reading (stop).
// Failure: unknown_shape, missing_field (specversion, data), and whatever on_data says.
[[nodiscard]] Step read_structured(JsonReader& reader, JsonObject& object,
                                   const std::function<Step(JsonObject&)>& on_data, EnvelopeAttributes& into);

}  // namespace proactive::daemon
