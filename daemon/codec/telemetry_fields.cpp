#include "daemon/codec/telemetry_fields.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "daemon/codec/record_time.h"

namespace proactive::daemon {

namespace {

DecodeError fault(DecodeCode code, std::string_view field, const Token& token) {
  return {code, field, token.byte};
}

bool is_integer(const Token& token) {
  return token.type == Token::Type::number && token.text.find_first_of(".eE") == std::string_view::npos;
}

// `token` as text: a string, or an integer where the shape allows it.
bool is_text(const Token& token, bool integers) {
  return token.type == Token::Type::string || (integers && is_integer(token));
}

std::optional<SignalKind> kind_of(std::string_view text) {
  if (text == "gauge") return SignalKind::gauge;
  if (text == "delta") return SignalKind::delta;
  if (text == "cumulative") return SignalKind::cumulative;
  if (text == "count") return SignalKind::count;
  if (text == "event") return SignalKind::event;
  return std::nullopt;
}

// "NaN" as a string is how some encoders write what JSON cannot say.
bool says_not_finite(const Token& token) {
  return token.type == Token::Type::string &&
         (token.text == "NaN" || token.text == "Infinity" || token.text == "-Infinity");
}

std::uint32_t never_zero(XXH64_hash_t hash) {
  const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  return folded == 0 ? 1 : folded;
}

std::optional<DecodeError> read_entity(const TelemetryFields& fields, const DecodeLimits& limits,
                                       TelemetryEvent& event) {
  if (fields.entity.given()) return fault(DecodeCode::bad_type, "entity", fields.entity);
  const Token& type = fields.entity_type;
  const Token& id = fields.entity_id;
  // A mapping with a constant type and no id in this record speaks of the customer.
  const bool whole_customer = !id.given() && (!type.given() || type.byte < 0);
  if (whole_customer) return std::nullopt;
  if (!type.given()) return fault(DecodeCode::missing_field, "entity.type", id);
  if (!id.given()) return fault(DecodeCode::missing_field, "entity.id", type);
  if (type.type != Token::Type::string) return fault(DecodeCode::bad_type, "entity.type", type);
  if (!is_text(id, fields.integer_ids)) return fault(DecodeCode::bad_type, "entity.id", id);
  if (const auto code = fault_of_id(type.text, limits.max_id_bytes)) return fault(*code, "entity.type", type);
  if (const auto code = fault_of_id(id.text, limits.max_id_bytes)) return fault(*code, "entity.id", id);
  if (type.text == "customer" && id.text == event.customer) return std::nullopt;
  event.entity_type = type.text;
  event.entity_id = id.text;
  return std::nullopt;
}

std::optional<DecodeError> read_value(const TelemetryFields& fields, TelemetryEvent& event) {
  if (fields.kind.given()) {
    if (fields.kind.type != Token::Type::string) return fault(DecodeCode::bad_type, "kind", fields.kind);
    const std::optional<SignalKind> kind = kind_of(fields.kind.text);
    if (!kind) return fault(DecodeCode::bad_type, "kind", fields.kind);
    event.kind = *kind;
  }
  if (!fields.value.given()) {
    if (event.kind == SignalKind::event) return std::nullopt;
    return fault(DecodeCode::missing_field, "value", fields.value);
  }
  if (says_not_finite(fields.value)) return fault(DecodeCode::not_finite, "value", fields.value);
  if (fields.value.type != Token::Type::number) return fault(DecodeCode::bad_type, "value", fields.value);
  const std::optional<double> value = number_of(fields.value);
  if (!value) return fault(DecodeCode::not_finite, "value", fields.value);
  event.value = *value;
  return std::nullopt;
}

}  // namespace

void SignalTable::use_rules(const rules::RuleSet* rules) {
  types_.clear();
  if (rules == nullptr) return;
  for (const auto& [name, type] : rules->type_by_name) types_.insert({std::string_view(name), type});
}

std::optional<rules::TypeIndex> SignalTable::find(std::string_view signal) const {
  const auto found = types_.find(signal);
  if (found == types_.end()) return std::nullopt;
  return found->second;
}

void TelemetryFields::clear() {
  event_time = customer = signal = value = event_id = entity = entity_type = entity_id = unit = kind =
      Token{};
  type = 0;
  lenient_time = integer_ids = time_from_record = false;
  dims.clear();
  dims_fault.reset();
}

bool TelemetryFields::find_signal(const SignalTable& signals, const DecodeLimits& limits) {
  if (signal.type != Token::Type::string || signal.text.empty() || signal.text.size() > limits.max_id_bytes)
    return true;
  const std::optional<rules::TypeIndex> found = signals.find(signal.text);
  if (!found) return false;
  type = *found;
  return true;
}

void TelemetryFields::add_dim(std::string_view name, const Token& token, const DecodeLimits& limits) {
  if (!token.given() || dims_fault) return;
  const auto refuse = [&](DecodeCode code) { dims_fault = DecodeError{code, "dims", token.byte}; };
  const auto add = [&](std::string_view dim) -> Dim& {
    dims.push_back({dim, 0.0});
    return dims.back();
  };
  for (const Dim& known : dims) {
    if (known.name == name) return;  // the first wins
  }
  if (dims.size() == limits.max_dims) return refuse(DecodeCode::too_many_dims);
  if (name.size() > limits.max_id_bytes) return refuse(DecodeCode::too_large);
  switch (token.type) {
    case Token::Type::string:
      if (token.text.size() > limits.max_id_bytes) return refuse(DecodeCode::too_large);
      add(name).value = token.text;
      return;
    case Token::Type::number: {
      const std::optional<double> number = number_of(token);
      if (!number) return refuse(DecodeCode::not_finite);
      add(name).value = *number;
      return;
    }
    case Token::Type::boolean:
      add(name).value = token.text == "true";
      return;
    case Token::Type::container:
      return refuse(DecodeCode::bad_type);
    case Token::Type::absent:
    case Token::Type::null:
      return;
  }
}

std::optional<DecodeCode> fault_of_id(std::string_view id, std::size_t max_bytes) {
  if (id.empty()) return DecodeCode::missing_field;
  if (id.size() > max_bytes) return DecodeCode::too_large;
  bool control = false;  // without a way out of the loop, which would cost more than it saves
  for (const char c : id) control |= static_cast<unsigned char>(c) < 0x20;
  if (control) return DecodeCode::control_char;
  return std::nullopt;
}

std::optional<DecodeCode> fault_of_customer(std::string_view id, const DecodeLimits& limits) {
  if (const auto code = fault_of_id(id, limits.max_id_bytes)) return code;
  if (limits.refuse_personal_ids && looks_personal(id)) return DecodeCode::personal_id;
  return std::nullopt;
}

bool looks_personal(std::string_view id) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::size_t at = id.find('@');
  if (at != std::string_view::npos && at > 0 && id.find('@', at + 1) == std::string_view::npos &&
      id.find(' ') == std::string_view::npos) {
    const std::size_t dot = id.rfind('.');
    return dot != std::string_view::npos && dot > at + 1 && dot + 1 < id.size();
  }
  if (id.empty() || (id.front() != '+' && id.front() != '(' && !is_digit(id.front()))) return false;
  // The digits between separators, as counts: +49 30 123456 is {2, 2, 6}.
  std::size_t groups[8] = {};
  std::size_t group_count = 0;
  std::size_t digits = 0;
  bool in_group = false;
  for (const char c : id.substr(id.front() == '+' ? 1 : 0)) {
    if (is_digit(c)) {
      if (!in_group && group_count == std::size(groups)) return false;
      if (!in_group) ++group_count;
      in_group = true;
      ++groups[group_count - 1];
      ++digits;
    } else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/') {
      in_group = false;
    } else {
      return false;
    }
  }
  if (id.front() == '+') return digits >= 7 && digits <= 15;
  return group_count == 3 && groups[0] == 3 && groups[1] == 3 && groups[2] == 4;
}

std::optional<DecodeError> interpret(const TelemetryFields& fields, const InputRecord& record,
                                     std::string_view payload, const DecodeLimits& limits,
                                     TelemetryEvent& event) {
  if (!fields.signal.given()) return fault(DecodeCode::missing_field, "signal", fields.signal);
  if (fields.signal.type != Token::Type::string) return fault(DecodeCode::bad_type, "signal", fields.signal);
  if (const auto code = fault_of_id(fields.signal.text, limits.max_id_bytes)) {
    return fault(*code, "signal", fields.signal);
  }
  event.signal = fields.signal.text;
  event.type = fields.type;

  if (!fields.customer.given()) return fault(DecodeCode::missing_field, "customer_id", fields.customer);
  if (!is_text(fields.customer, fields.integer_ids))
    return fault(DecodeCode::bad_type, "customer_id", fields.customer);
  if (const auto code = fault_of_customer(fields.customer.text, limits)) {
    return fault(*code, "customer_id", fields.customer);
  }
  event.customer = fields.customer.text;

  if (fields.event_time.given()) {
    const Result<Timestamp, DecodeCode> time = time_of(fields.event_time, fields.lenient_time);
    if (!time) return fault(time.error(), "event_time", fields.event_time);
    event.time = *time;
  } else if (fields.time_from_record && record.appended_at != kNever) {
    event.time = record.appended_at;
  } else {
    return fault(DecodeCode::missing_field, "event_time", fields.event_time);
  }
  // A source that does not know when a record was appended says kNever.
  if (record.appended_at != kNever && event.time > record.appended_at + limits.max_future) {
    return fault(DecodeCode::future_time, "event_time", fields.event_time);
  }

  if (const auto error = read_value(fields, event)) return error;
  if (const auto error = read_entity(fields, limits, event)) return error;
  if (fields.dims_fault) return fields.dims_fault;
  event.dims = fields.dims;

  event.unit = "1";
  if (fields.unit.given()) {
    if (fields.unit.type != Token::Type::string) return fault(DecodeCode::bad_type, "unit", fields.unit);
    if (fields.unit.text.size() > limits.max_id_bytes)
      return fault(DecodeCode::too_large, "unit", fields.unit);
    event.unit = fields.unit.text;
  }

  if (fields.event_id.given()) {
    if (!is_text(fields.event_id, fields.integer_ids))
      return fault(DecodeCode::bad_type, "event_id", fields.event_id);
    if (const auto code = fault_of_id(fields.event_id.text, limits.max_id_bytes)) {
      return fault(*code, "event_id", fields.event_id);
    }
    event.id_hash = never_zero(XXH3_64bits(fields.event_id.text.data(), fields.event_id.text.size()));
  } else {
    const auto seed = static_cast<XXH64_hash_t>(event.time.time_since_epoch().count());
    event.id_hash = never_zero(XXH3_64bits_withSeed(payload.data(), payload.size(), seed));
  }
  return std::nullopt;
}

}  // namespace proactive::daemon
