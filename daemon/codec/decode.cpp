#include "daemon/codec/decode.h"

#include <fmt/format.h>

#include <functional>

#include "daemon/codec/cloud_event.h"
#include "daemon/codec/field_mapping.h"
#include "daemon/codec/profile_json.h"
#include "daemon/codec/telemetry_json.h"

namespace proactive::daemon {

namespace {

constexpr std::size_t kConfluentHeader = 5;  // a zero byte and the schema's number; JSON cannot start so
constexpr std::size_t kMaxDetailBytes = 256;

std::string_view sentence(DecodeCode code) {
  switch (code) {
    case DecodeCode::bad_json:
      return "not valid JSON";
    case DecodeCode::missing_field:
      return "missing or empty";
    case DecodeCode::bad_type:
      return "a value of the wrong type";
    case DecodeCode::bad_time:
      return "not a time this program reads";
    case DecodeCode::future_time:
      return "more in the future than the record's own timestamp allows";
    case DecodeCode::too_large:
      return "longer than the limit";
    case DecodeCode::control_char:
      return "a control character in an id";
    case DecodeCode::personal_id:
      return "looks like an e-mail address or a phone number; use a pseudonymous id";
    case DecodeCode::unknown_shape:
      return "JSON, but none of the shapes this stream reads";
    case DecodeCode::not_utf8:
      return "not valid UTF-8";
    case DecodeCode::not_finite:
      return "not a finite number";
    case DecodeCode::too_many_dims:
      return "more dims than the limit";
  }
  return "";
}

}  // namespace

std::string_view to_string(DecodeCode code) {
  switch (code) {
    case DecodeCode::bad_json:
      return "bad_json";
    case DecodeCode::missing_field:
      return "missing_field";
    case DecodeCode::bad_type:
      return "bad_type";
    case DecodeCode::bad_time:
      return "bad_time";
    case DecodeCode::future_time:
      return "future_time";
    case DecodeCode::too_large:
      return "too_large";
    case DecodeCode::control_char:
      return "control_char";
    case DecodeCode::personal_id:
      return "personal_id";
    case DecodeCode::unknown_shape:
      return "unknown_shape";
    case DecodeCode::not_utf8:
      return "not_utf8";
    case DecodeCode::not_finite:
      return "not_finite";
    case DecodeCode::too_many_dims:
      return "too_many_dims";
  }
  return "";
}

std::string describe(const DecodeError& error) {
  std::string text = error.field.empty() ? std::string("record") : std::string(error.field.substr(0, 128));
  text += ": ";
  text += sentence(error.code);
  if (error.byte >= 0) text += fmt::format(" (byte {})", error.byte);
  if (text.size() > kMaxDetailBytes) text.resize(kMaxDetailBytes);
  return text;
}

struct Decoder::Impl {
  Impl(config::InputShape telemetry_shape, const config::FieldMapping& mapping, DecodeLimits decode_limits)
      : shape(telemetry_shape), mapped(mapping), limits(decode_limits) {
    telemetry.dims.reserve(limits.max_dims);
    profile.fields.reserve(kMaxProfileFields);
    profiles.use_rules(nullptr);
  }

  Result<InputEvent, DecodeError> decode_telemetry(const InputRecord& record, std::string_view payload,
                                                   std::int64_t offset);
  Result<InputEvent, DecodeError> decode_profile(const InputRecord& record, std::string_view payload,
                                                 std::int64_t offset);
  // Fills `telemetry`; complete or unused.
  Result<Reading, DecodeError> read_telemetry(const InputRecord& record, JsonObject& object);
  Result<Reading, DecodeError> read_enveloped(JsonObject& object);
  void stand_in(const EnvelopeAttributes& attributes);

  config::InputShape shape;
  MappedShape mapped;
  DecodeLimits limits;
  SignalTable signals;
  ProfileShape profiles;
  JsonReader reader;
  TelemetryFields telemetry;
  ProfileFields profile;
};

void Decoder::Impl::stand_in(const EnvelopeAttributes& attributes) {
  if (!telemetry.event_id.given()) telemetry.event_id = attributes.id;
  if (!telemetry.event_time.given()) telemetry.event_time = attributes.time;
  if (!telemetry.customer.given()) telemetry.customer = attributes.partition_key;
}

Result<Reading, DecodeError> Decoder::Impl::read_enveloped(JsonObject& object) {
  Reading reading = Reading::complete;
  const auto on_data = [&](JsonObject& data) -> Result<bool, DecodeError> {
    const Result<Reading, DecodeError> read =
        read_canonical(reader, data, 2, false, signals, limits, telemetry);
    if (!read) return tl::make_unexpected(read.error());
    reading = *read;
    return reading == Reading::complete;
  };
  const Result<EnvelopeAttributes, DecodeError> read = read_structured(reader, object, std::cref(on_data));
  if (!read) return tl::make_unexpected(read.error());
  stand_in(*read);
  return reading;
}

Result<Reading, DecodeError> Decoder::Impl::read_telemetry(const InputRecord& record, JsonObject& object) {
  if (shape == config::InputShape::fields) return mapped.read(reader, object, signals, limits, telemetry);
  switch (envelope_of(record)) {
    case Envelope::structured:
      return read_enveloped(object);
    case Envelope::binary: {
      const Result<EnvelopeAttributes, DecodeError> attributes = binary_attributes(record);
      if (!attributes) return tl::make_unexpected(attributes.error());
      const Result<Reading, DecodeError> read =
          read_canonical(reader, object, 1, false, signals, limits, telemetry);
      if (read) stand_in(*attributes);
      return read;
    }
    case Envelope::none:
      break;
  }
  const Result<Reading, DecodeError> read =
      read_canonical(reader, object, 1, true, signals, limits, telemetry);
  if (!read || *read != Reading::cloud_event) return read;
  telemetry.clear();
  Result<JsonObject, DecodeError> again = reader.reopen();
  if (!again) return tl::make_unexpected(again.error());
  return read_enveloped(*again);
}

Result<InputEvent, DecodeError> Decoder::Impl::decode_telemetry(const InputRecord& record,
                                                                std::string_view payload,
                                                                std::int64_t offset) {
  if (record.tombstone) return reader.fail(DecodeCode::unknown_shape, {}, -1);
  if (shape == config::InputShape::fields && mapped.constant_signal_unused(signals)) return UnusedSignal{};
  Result<JsonObject, DecodeError> object = reader.open(payload, offset);
  if (!object) return tl::make_unexpected(object.error());

  telemetry.clear();
  const Result<Reading, DecodeError> read = read_telemetry(record, *object);
  if (!read) return tl::make_unexpected(read.error());
  if (*read == Reading::unused) return UnusedSignal{};
  const Result<void, DecodeError> finished = reader.finish();
  if (!finished) return tl::make_unexpected(finished.error());

  Result<TelemetryEvent, DecodeError> event = interpret(telemetry, record, payload, limits);
  if (!event) return tl::make_unexpected(event.error());
  return *event;
}

Result<InputEvent, DecodeError> Decoder::Impl::decode_profile(const InputRecord& record,
                                                              std::string_view payload, std::int64_t offset) {
  profile.clear();
  Token partition_key;
  if (!record.tombstone) {
    Result<JsonObject, DecodeError> object = reader.open(payload, offset);
    if (!object) return tl::make_unexpected(object.error());
    const auto on_data = [&](JsonObject& data) -> Result<bool, DecodeError> {
      const Result<void, DecodeError> read = profiles.read(reader, data, 2, limits, profile);
      if (!read) return tl::make_unexpected(read.error());
      return true;
    };
    const Envelope envelope = envelope_of(record);
    if (envelope == Envelope::structured) {
      const Result<EnvelopeAttributes, DecodeError> read =
          read_structured(reader, *object, std::cref(on_data));
      if (!read) return tl::make_unexpected(read.error());
      partition_key = read->partition_key;
    } else {
      if (envelope == Envelope::binary) {
        const Result<EnvelopeAttributes, DecodeError> attributes = binary_attributes(record);
        if (!attributes) return tl::make_unexpected(attributes.error());
        partition_key = attributes->partition_key;
      }
      const Result<void, DecodeError> read = profiles.read(reader, *object, 1, limits, profile);
      if (!read) return tl::make_unexpected(read.error());
    }
    const Result<void, DecodeError> finished = reader.finish();
    if (!finished) return tl::make_unexpected(finished.error());
  }
  Result<ProfileEvent, DecodeError> event = interpret(profile, record, partition_key, limits);
  if (!event) return tl::make_unexpected(event.error());
  return *event;
}

Decoder::Decoder(config::InputShape telemetry_shape, config::FieldMapping mapping, DecodeLimits limits)
    : impl_(std::make_unique<Impl>(telemetry_shape, mapping, limits)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

void Decoder::use_rules(const rules::RuleSet* rules) {
  impl_->signals.use_rules(rules);
  impl_->profiles.use_rules(rules);
}

Result<InputEvent, DecodeError> Decoder::decode(const InputRecord& record) {
  if (record.value.size() > impl_->limits.max_record_bytes) {
    return tl::make_unexpected(DecodeError{DecodeCode::too_large, {}, -1});
  }
  const bool framed = record.value.size() >= kConfluentHeader && record.value.front() == '\0';
  const std::size_t offset = framed ? kConfluentHeader : 0;
  const std::string_view payload = record.value.substr(offset);
  if (record.stream == StreamKind::profiles) {
    return impl_->decode_profile(record, payload, static_cast<std::int64_t>(offset));
  }
  return impl_->decode_telemetry(record, payload, static_cast<std::int64_t>(offset));
}

}  // namespace proactive::daemon
