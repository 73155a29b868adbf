// Bytes of an input record to an event. Bare canonical JSON, a CloudEvent around it (structured or binary),
// or any JSON by a field mapping; profiles.
//
// Owner: one Pipeline's lane (the parser's buffers are reused). Thread: that lane's. Clock: none. Allocation:
// none after warm-up. Failure: a DecodeError, never an exception.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "config/loader/daemon_config.h"
#include "daemon/codec/record.h"
#include "models/base/events.h"
#include "models/base/result.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

// Written to the dead letter's `code` header and the metric label; names are stable.
enum class DecodeCode : std::uint8_t {
  bad_json,
  missing_field,
  bad_type,
  bad_time,
  future_time,
  too_large,
  control_char,
  personal_id,
  unknown_shape,
  not_utf8,
  not_finite,
  too_many_dims
};
inline constexpr std::size_t kDecodeCodes = 12;
[[nodiscard]] std::string_view to_string(DecodeCode code);

struct DecodeError {
  DecodeCode code = DecodeCode::bad_json;
  std::string_view field;  // static text or part of the mapping; may be empty
  std::int64_t byte = -1;  // position in the value, where known
};
[[nodiscard]] std::string describe(const DecodeError& error);  // <= 256 bytes, for the dead letter's detail

struct UnusedSignal {};  // a sound record of a signal that no rule uses: counted and dropped

using InputEvent = std::variant<TelemetryEvent, ProfileEvent, UnusedSignal>;

struct DecodeLimits {
  std::size_t max_record_bytes = 1 << 20;
  std::size_t max_id_bytes = 256;
  std::size_t max_dims = 32;
  Duration max_future = std::chrono::minutes(5);  // beyond the record's own timestamp
  bool refuse_personal_ids = true;                // customer ids like an e-mail address or a phone number
};

class Decoder {
 public:
  Decoder(config::InputShape telemetry_shape, config::FieldMapping mapping, DecodeLimits limits);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Whose event types decide what is used. The set must outlive its use here.
  void use_rules(const rules::RuleSet* rules);

  // Off: every record goes through the indexing reader. For tests that hold one against the other.
  void use_flat_reader(bool flat);

  // Views in the result live in `record` or in this decoder until the next call.
  [[nodiscard]] Result<InputEvent, DecodeError> decode(const InputRecord& record);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proactive::daemon
