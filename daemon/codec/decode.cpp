#include "daemon/codec/decode.h"

#include <fmt/format.h>

#include <functional>

#include "daemon/codec/cloud_event.h"
#include "daemon/codec/field_mapping.h"
#include "daemon/codec/flat_telemetry.h"
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

  void decode_telemetry(const InputRecord& record, std::string_view payload, std::size_t offset,
                        Result<InputEvent, DecodeError>& into);
  void decode_profile(const InputRecord& record, std::string_view payload, std::size_t offset,
                      Result<InputEvent, DecodeError>& into);
  // Fill `telemetry`; never cloud_event.
  Reading read(const InputRecord& record, std::string_view payload, std::size_t offset);
  Reading read_telemetry(const InputRecord& record, JsonObject& object);
  Reading read_enveloped(JsonObject& object);
  // Fills `profile`.
  Step read_profile(const InputRecord& record, JsonObject& object, Token& partition_key);
  void stand_in(const EnvelopeAttributes& attributes);

  config::InputShape shape;
  bool flat = true;
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

Reading Decoder::Impl::read_enveloped(JsonObject& object) {
  Reading reading = Reading::complete;
  const auto on_data = [&](JsonObject& data) {
    reading = read_canonical(reader, data, 2, false, signals, limits, telemetry);
    if (reading == Reading::failed) return Step::failed;
    return reading == Reading::complete ? Step::next : Step::stop;
  };
  EnvelopeAttributes attributes;
  if (read_structured(reader, object, std::cref(on_data), attributes) == Step::failed) return Reading::failed;
  stand_in(attributes);
  return reading;
}

Reading Decoder::Impl::read_telemetry(const InputRecord& record, JsonObject& object) {
  if (shape == config::InputShape::fields) return mapped.read(reader, object, signals, limits, telemetry);
  const Envelope envelope = envelope_of(record);
  if (envelope == Envelope::structured) return read_enveloped(object);
  const bool bare = envelope == Envelope::none;
  EnvelopeAttributes attributes;
  if (!bare) {
    if (const auto error = binary_attributes(record, attributes)) {
      reader.fail(error->code, error->field, error->byte);
      return Reading::failed;
    }
  }
  const Reading reading = read_canonical(reader, object, 1, bare, signals, limits, telemetry);
  if (!bare && reading == Reading::complete) stand_in(attributes);
  if (reading != Reading::cloud_event) return reading;
  telemetry.clear();
  JsonObject again;
  if (!reader.reopen(again)) return Reading::failed;
  return read_enveloped(again);
}

Reading Decoder::Impl::read(const InputRecord& record, std::string_view payload, std::size_t offset) {
  telemetry.clear();
  if (shape == config::InputShape::canonical && flat && envelope_of(record) == Envelope::none) {
    const FlatReading reading = read_flat(payload, offset, signals, limits, telemetry);
    if (reading == FlatReading::complete) return Reading::complete;
    if (reading == FlatReading::unused) return Reading::unused;
    telemetry.clear();
  }
  JsonObject object;
  if (!reader.open(payload, offset, object)) return Reading::failed;
  const Reading reading = read_telemetry(record, object);
  return reading == Reading::complete && !reader.finish() ? Reading::failed : reading;
}

void Decoder::Impl::decode_telemetry(const InputRecord& record, std::string_view payload, std::size_t offset,
                                     Result<InputEvent, DecodeError>& into) {
  if (record.tombstone) {
    into = tl::make_unexpected(DecodeError{DecodeCode::unknown_shape, {}, -1});
    return;
  }
  if (shape == config::InputShape::fields && mapped.constant_signal_unused(signals)) {
    into->emplace<UnusedSignal>();
    return;
  }
  const Reading reading = read(record, payload, offset);
  if (reading == Reading::failed) {
    into = tl::make_unexpected(reader.error());
    return;
  }
  if (reading == Reading::unused) {
    into->emplace<UnusedSignal>();
    return;
  }
  const auto error = interpret(telemetry, record, payload, limits, std::get<TelemetryEvent>(*into));
  if (error) into = tl::make_unexpected(*error);
}

Step Decoder::Impl::read_profile(const InputRecord& record, JsonObject& object, Token& partition_key) {
  const auto on_data = [&](JsonObject& data) { return profiles.read(reader, data, 2, limits, profile); };
  EnvelopeAttributes attributes;
  Step step = Step::next;
  switch (envelope_of(record)) {
    case Envelope::structured:
      step = read_structured(reader, object, std::cref(on_data), attributes);
      break;
    case Envelope::binary:
      if (const auto error = binary_attributes(record, attributes)) {
        return reader.fail(error->code, error->field, error->byte);
      }
      [[fallthrough]];
    case Envelope::none:
      step = profiles.read(reader, object, 1, limits, profile);
      break;
  }
  partition_key = attributes.partition_key;
  return step;
}

void Decoder::Impl::decode_profile(const InputRecord& record, std::string_view payload, std::size_t offset,
                                   Result<InputEvent, DecodeError>& into) {
  profile.clear();
  Token partition_key;
  if (!record.tombstone) {
    JsonObject object;
    const bool sound = reader.open(payload, offset, object) &&
                       read_profile(record, object, partition_key) == Step::next && reader.finish();
    if (!sound) {
      into = tl::make_unexpected(reader.error());
      return;
    }
  }
  const auto error = interpret(profile, record, partition_key, limits, into->emplace<ProfileEvent>());
  if (error) into = tl::make_unexpected(*error);
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

void Decoder::use_flat_reader(bool flat) { impl_->flat = flat; }

Result<InputEvent, DecodeError> Decoder::decode(const InputRecord& record) {
  Result<InputEvent, DecodeError>
      event;  // filled in place: it is too large to be passed on by value at each step
  if (record.value.size() > impl_->limits.max_record_bytes) {
    event = tl::make_unexpected(DecodeError{DecodeCode::too_large, {}, -1});
    return event;
  }
  const bool framed = record.value.size() >= kConfluentHeader && record.value.front() == '\0';
  const std::size_t offset = framed ? kConfluentHeader : 0;
  const std::string_view payload = record.value.substr(offset);
  if (record.stream == StreamKind::profiles) {
    impl_->decode_profile(record, payload, offset, event);
  } else {
    impl_->decode_telemetry(record, payload, offset, event);
  }
  return event;
}

}  // namespace proactive::daemon
