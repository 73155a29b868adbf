#include "daemon/codec/telemetry_json.h"

#include "daemon/codec/telemetry_keys.h"

namespace proactive::daemon {

namespace {

// Reads one scalar into its field; a key seen before is read over.
Step take(JsonReader& reader, JsonValue& value, int depth, std::string_view name, Token& into) {
  Token again;
  const Step step = reader.scalar(value, depth, into.seen() ? again : into);
  if (step == Step::failed && reader.error().code == DecodeCode::not_finite) reader.blame(name);
  return step;
}

// One pass over one object.
class CanonicalReading {
 public:
  CanonicalReading(JsonReader& reader, int depth, bool may_be_envelope, const SignalTable& signals,
                   const DecodeLimits& limits, TelemetryFields& into)
      : reader_(reader),
        depth_(depth),
        may_be_envelope_(may_be_envelope),
        signals_(signals),
        limits_(limits),
        into_(into) {}

  Reading read(JsonObject& object) {
    const Step step = reader_.each_field(
        object, [this](std::string_view name, JsonValue& value) { return field(name, value); });
    if (step == Step::failed) return Reading::failed;
    // An entity without fields is still an entity that lacks them.
    if (entity_seen_ && !into_.entity.seen() && !into_.entity_type.given() && !into_.entity_id.given()) {
      into_.entity.type = Token::Type::container;
    }
    return stopped_;
  }

 private:
  Step field(std::string_view name, JsonValue& value) {
    const int inner = depth_ + 1;
    switch (telemetry_key(name)) {
      case TelemetryKey::signal:
        return signal(value);
      case TelemetryKey::event_time:
        return take(reader_, value, inner, "event_time", into_.event_time);
      case TelemetryKey::customer_id:
        return take(reader_, value, inner, "customer_id", into_.customer);
      case TelemetryKey::value:
        return take(reader_, value, inner, "value", into_.value);
      case TelemetryKey::event_id:
        return take(reader_, value, inner, "event_id", into_.event_id);
      case TelemetryKey::unit:
        return take(reader_, value, inner, "unit", into_.unit);
      case TelemetryKey::kind:
        return take(reader_, value, inner, "kind", into_.kind);
      case TelemetryKey::entity:
        return entity(value);
      case TelemetryKey::dims:
        return dims(value);
      case TelemetryKey::specversion:
        if (!may_be_envelope_) break;
        stopped_ = Reading::cloud_event;
        return Step::stop;
      case TelemetryKey::unknown:
        break;
    }
    return reader_.skip(value, inner);
  }

  Step signal(JsonValue& value) {
    if (into_.signal.seen()) return reader_.skip(value, depth_ + 1);
    const Step step = take(reader_, value, depth_ + 1, "signal", into_.signal);
    if (step != Step::next || into_.find_signal(signals_, limits_)) return step;
    stopped_ = Reading::unused;
    return Step::stop;
  }

  Step entity(JsonValue& value) {
    if (entity_seen_) return reader_.skip(value, depth_ + 1);
    entity_seen_ = true;
    if (first_of(value) != '{') return take(reader_, value, depth_ + 1, "entity", into_.entity);
    JsonObject object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return reader_.syntax_error();
    return reader_.each_field(object, [this](std::string_view name, JsonValue& part) {
      if (name == "type") return take(reader_, part, depth_ + 2, "entity.type", into_.entity_type);
      if (name == "id") return take(reader_, part, depth_ + 2, "entity.id", into_.entity_id);
      return reader_.skip(part, depth_ + 2);
    });
  }

  Step dims(JsonValue& value) {
    if (dims_seen_) return reader_.skip(value, depth_ + 1);
    dims_seen_ = true;
    Token token;
    if (first_of(value) != '{') {
      const Step step = take(reader_, value, depth_ + 1, "dims", token);
      if (token.given()) into_.dims_fault = DecodeError{DecodeCode::bad_type, "dims", token.byte};
      return step;
    }
    JsonObject object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return reader_.syntax_error();
    return reader_.each_field(object, [this, &token](std::string_view name, JsonValue& dim) {
      token.type = Token::Type::absent;
      const Step step = take(reader_, dim, depth_ + 2, "dims", token);
      if (step == Step::next) into_.add_dim(name, token, limits_);
      return step;
    });
  }

  JsonReader& reader_;
  int depth_;
  bool may_be_envelope_;
  const SignalTable& signals_;
  const DecodeLimits& limits_;
  TelemetryFields& into_;
  Reading stopped_ = Reading::complete;
  bool entity_seen_ = false;
  bool dims_seen_ = false;
};

}  // namespace

Reading read_canonical(JsonReader& reader, JsonObject& object, int depth, bool may_be_envelope,
                       const SignalTable& signals, const DecodeLimits& limits, TelemetryFields& into) {
  return CanonicalReading(reader, depth, may_be_envelope, signals, limits, into).read(object);
}

}  // namespace proactive::daemon
