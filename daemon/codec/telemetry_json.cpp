#include "daemon/codec/telemetry_json.h"

namespace proactive::daemon {

namespace {

enum class Key : std::uint8_t {
  unknown,
  event_id,
  event_time,
  customer_id,
  signal,
  entity,
  value,
  unit,
  kind,
  dims,
  specversion
};

Key key_of(std::string_view name) {
  switch (name.size()) {
    case 4:
      if (name == "unit") return Key::unit;
      if (name == "kind") return Key::kind;
      if (name == "dims") return Key::dims;
      break;
    case 5:
      if (name == "value") return Key::value;
      break;
    case 6:
      if (name == "signal") return Key::signal;
      if (name == "entity") return Key::entity;
      break;
    case 8:
      if (name == "event_id") return Key::event_id;
      break;
    case 10:
      if (name == "event_time") return Key::event_time;
      break;
    case 11:
      if (name == "customer_id") return Key::customer_id;
      if (name == "specversion") return Key::specversion;
      break;
    default:
      break;
  }
  return Key::unknown;
}

// Reads one scalar into its field; a key seen before is read over.
Result<bool, DecodeError> take(JsonReader& reader, JsonValue& value, int depth, std::string_view name,
                               Token& into) {
  Result<Token, DecodeError> token = reader.scalar(value, depth);
  if (!token) {
    DecodeError error = token.error();
    if (error.code == DecodeCode::not_finite) error.field = name;
    return tl::make_unexpected(error);
  }
  if (into.type == Token::Type::absent) into = *token;
  return true;
}

bool is_object(JsonValue& value) {
  const std::string_view raw = value.raw_json_token();
  return !raw.empty() && raw.front() == '{';
}

}  // namespace

Result<Reading, DecodeError> read_canonical(JsonReader& reader, JsonObject& object, int depth,
                                            bool may_be_envelope, const SignalTable& signals,
                                            const DecodeLimits& limits, TelemetryFields& into) {
  Reading reading = Reading::complete;
  bool entity_seen = false;
  bool dims_seen = false;

  const auto on_entity = [&](std::string_view name, JsonValue& value) -> Result<bool, DecodeError> {
    if (name == "type") return take(reader, value, depth + 2, "entity.type", into.entity_type);
    if (name == "id") return take(reader, value, depth + 2, "entity.id", into.entity_id);
    const Result<void, DecodeError> skipped = reader.skip(value, depth + 2);
    if (!skipped) return tl::make_unexpected(skipped.error());
    return true;
  };
  const auto on_dim = [&](std::string_view name, JsonValue& value) -> Result<bool, DecodeError> {
    Token token;
    const Result<bool, DecodeError> read = take(reader, value, depth + 2, "dims", token);
    if (read) into.add_dim(name, token, limits);
    return read;
  };
  const auto on_field = [&](std::string_view name, JsonValue& value) -> Result<bool, DecodeError> {
    switch (key_of(name)) {
      case Key::signal: {
        if (into.signal.type != Token::Type::absent) break;
        const Result<bool, DecodeError> read = take(reader, value, depth + 1, "signal", into.signal);
        if (read && !into.take_signal(into.signal, signals, limits)) {
          reading = Reading::unused;
          return false;
        }
        return read;
      }
      case Key::event_time:
        return take(reader, value, depth + 1, "event_time", into.event_time);
      case Key::customer_id:
        return take(reader, value, depth + 1, "customer_id", into.customer);
      case Key::value:
        return take(reader, value, depth + 1, "value", into.value);
      case Key::event_id:
        return take(reader, value, depth + 1, "event_id", into.event_id);
      case Key::unit:
        return take(reader, value, depth + 1, "unit", into.unit);
      case Key::kind:
        return take(reader, value, depth + 1, "kind", into.kind);
      case Key::entity: {
        if (entity_seen) break;
        entity_seen = true;
        if (!is_object(value)) return take(reader, value, depth + 1, "entity", into.entity);
        JsonObject entity;
        if (value.get_object().get(entity) != simdjson::SUCCESS) return reader.syntax_error();
        return reader.each_field(entity, on_entity);
      }
      case Key::dims: {
        if (dims_seen) break;
        dims_seen = true;
        if (is_object(value)) {
          JsonObject dims;
          if (value.get_object().get(dims) != simdjson::SUCCESS) return reader.syntax_error();
          return reader.each_field(dims, on_dim);
        }
        Token token;
        const Result<bool, DecodeError> read = take(reader, value, depth + 1, "dims", token);
        if (read && token.given()) into.dims_fault = DecodeError{DecodeCode::bad_type, "dims", token.byte};
        return read;
      }
      case Key::specversion:
        if (!may_be_envelope) break;
        reading = Reading::cloud_event;
        return false;
      case Key::unknown:
        break;
    }
    const Result<void, DecodeError> skipped = reader.skip(value, depth + 1);
    if (!skipped) return tl::make_unexpected(skipped.error());
    return true;
  };

  const Result<bool, DecodeError> read = reader.each_field(object, on_field);
  if (!read) return tl::make_unexpected(read.error());
  // An entity without fields is still an entity that lacks them.
  if (entity_seen && !into.entity.given() && into.entity.type == Token::Type::absent &&
      !into.entity_type.given() && !into.entity_id.given()) {
    into.entity = Token{Token::Type::container, {}, -1};
  }
  return reading;
}

}  // namespace proactive::daemon
