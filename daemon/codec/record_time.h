// The event time of a record, as telemetry writes it.
//
//   strict    RFC 3339 with an offset, or an integer: epoch seconds, milliseconds from 1e11 on
//   lenient   also "YYYY-MM-DD HH:MM:SS[.f]" and "YYYY-MM-DDTHH:MM:SS[.f]" (read as UTC), and fractions of
//   epoch seconds or
//             milliseconds (cut to the microsecond)
#pragma once

#include "daemon/codec/json_reader.h"

namespace proactive::daemon {

// REQUIRES: token.given(). The error is bad_type (no time has this type) or bad_time (this one is none).
[[nodiscard]] Result<Timestamp, DecodeCode> time_of(const Token& token, bool lenient);

}  // namespace proactive::daemon
