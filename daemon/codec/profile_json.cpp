#include "daemon/codec/profile_json.h"

#include <charconv>

namespace proactive::daemon {

namespace {

constexpr std::string_view kShownFields[] = {"account_id", "segment", "locale", "time_zone",
                                             "account_time_zone"};

DecodeError fail(DecodeCode code, std::string_view field, std::int64_t byte) { return {code, field, byte}; }

}  // namespace

void ProfileFields::clear() {
  customer = version = Token{};
  fields.clear();
  fault.reset();
}

void ProfileShape::use_rules(const rules::RuleSet* rules) {
  wanted_.clear();
  for (const std::string_view name : kShownFields) wanted_.insert(name);
  if (rules == nullptr) return;
  for (const std::string& name : rules->profile_fields) wanted_.insert(name);
}

void ProfileShape::add(std::string_view name, const Token& token, const DecodeLimits& limits,
                       ProfileFields& into) const {
  const bool wanted = wanted_.find(name) != wanted_.end();
  const auto refuse = [&](DecodeCode code) {
    if (wanted && !into.fault) into.fault = DecodeError{code, *wanted_.find(name), token.byte};
  };
  if (name.size() > limits.max_id_bytes) return;
  if (into.fields.size() >= kMaxProfileFields && !wanted) return;
  for (const Dim& known : into.fields) {
    if (known.name == name) return;  // the first wins
  }
  switch (token.type) {
    case Token::Type::string:
      if (token.text.size() > limits.max_id_bytes) return refuse(DecodeCode::too_large);
      into.fields.push_back({name, token.text});
      return;
    case Token::Type::number: {
      const std::optional<double> number = number_of(token);
      if (!number) return refuse(DecodeCode::not_finite);
      into.fields.push_back({name, *number});
      return;
    }
    case Token::Type::boolean:
      into.fields.push_back({name, token.text == "true"});
      return;
    case Token::Type::container:
      return refuse(DecodeCode::bad_type);
    case Token::Type::absent:
    case Token::Type::null:
      return;
  }
}

Step ProfileShape::read(JsonReader& reader, JsonObject& object, int depth, const DecodeLimits& limits,
                        ProfileFields& into) const {
  return reader.each_field(object, [&](std::string_view name, JsonValue& value) {
    Token token;
    const Step step = reader.scalar(value, depth + 1, token);
    if (step != Step::next) return step;
    if (name == "customer_id") {
      if (!into.customer.seen()) into.customer = token;
    } else if (name == "version") {
      if (!into.version.seen()) into.version = token;
    } else {
      add(name, token, limits, into);
    }
    return step;
  });
}

std::optional<DecodeError> interpret(const ProfileFields& fields, const InputRecord& record,
                                     const Token& fallback, const DecodeLimits& limits, ProfileEvent& event) {
  Token customer = fields.customer;
  if (!customer.given()) customer = fallback;
  if (!customer.given() && !record.key.empty()) {
    if (!simdjson::validate_utf8(record.key.data(), record.key.size())) {
      return fail(DecodeCode::not_utf8, "key", -1);
    }
    customer = text_token(record.key);
  }
  if (!customer.given()) return fail(DecodeCode::missing_field, "customer_id", -1);
  if (customer.type != Token::Type::string) return fail(DecodeCode::bad_type, "customer_id", customer.byte);
  if (const auto code = fault_of_customer(customer.text, limits))
    return fail(*code, "customer_id", customer.byte);
  event.customer = customer.text;
  event.erased = record.tombstone;

  if (fields.version.given()) {
    const std::string_view text = fields.version.text;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, event.version);
    if (fields.version.type != Token::Type::number || parsed.ec != std::errc{} || parsed.ptr != end) {
      return fail(DecodeCode::bad_type, "version", fields.version.byte);
    }
  }
  if (fields.fault) return fields.fault;
  event.fields = fields.fields;
  return std::nullopt;
}

}  // namespace proactive::daemon
