// Canonical telemetry JSON to its fields, in one pass and in the order of the record.
#pragma once

#include "daemon/codec/telemetry_fields.h"

namespace proactive::daemon {

// REQUIRES: fields are clear. `may_be_envelope`: a top-level `specversion` makes it a CloudEvent.
[[nodiscard]] Reading read_canonical(JsonReader& reader, JsonObject& object, int depth, bool may_be_envelope,
                                     const SignalTable& signals, const DecodeLimits& limits,
                                     TelemetryFields& into);

}  // namespace proactive::daemon
