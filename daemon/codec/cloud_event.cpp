#include "daemon/codec/cloud_event.h"

namespace proactive::daemon {

namespace {

constexpr std::string_view kMediaType = "application/cloudevents";

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

const std::string_view* header(const InputRecord& record, std::string_view name) {
  for (const HeaderView& each : record.headers) {
    if (each.name.size() == name.size() && starts_with_any_case(each.name, name)) return &each.value;
  }
  return nullptr;
}

bool is_json_type(std::string_view media_type) { return media_type.find("json") != std::string_view::npos; }

}  // namespace

Envelope envelope_of(const InputRecord& record) {
  if (record.headers.empty()) return Envelope::none;
  const std::string_view* type = header(record, "content-type");
  if (type != nullptr && starts_with_any_case(*type, kMediaType)) return Envelope::structured;
  return header(record, "ce_specversion") != nullptr ? Envelope::binary : Envelope::none;
}

std::optional<DecodeError> binary_attributes(const InputRecord& record, EnvelopeAttributes& into) {
  if (!header(record, "ce_specversion")->starts_with("1.")) {
    return DecodeError{DecodeCode::unknown_shape, "ce_specversion", -1};
  }
  const std::string_view* type = header(record, "content-type");
  if (type != nullptr && !is_json_type(*type))
    return DecodeError{DecodeCode::unknown_shape, "content-type", -1};
  struct Attribute {
    std::string_view name;
    Token* into;
  };
  const Attribute attributes[] = {
      {"ce_id", &into.id}, {"ce_time", &into.time}, {"ce_partitionkey", &into.partition_key}};
  for (const Attribute& each : attributes) {
    const std::string_view* value = header(record, each.name);
    if (value == nullptr) continue;
    if (!simdjson::validate_utf8(value->data(), value->size()))
      return DecodeError{DecodeCode::not_utf8, each.name, -1};
    *each.into = text_token(*value);
  }
  return std::nullopt;
}

Step read_structured(JsonReader& reader, JsonObject& object, const std::function<Step(JsonObject&)>& on_data,
                     EnvelopeAttributes& into) {
  Token version;
  Token content_type;
  bool data_seen = false;
  const auto token_of = [&](std::string_view name) -> Token* {
    if (name == "specversion") return &version;
    if (name == "id") return &into.id;
    if (name == "time") return &into.time;
    if (name == "partitionkey") return &into.partition_key;
    if (name == "datacontenttype") return &content_type;
    return nullptr;
  };
  const auto on_field = [&](std::string_view name, JsonValue& value) {
    Token* token = token_of(name);
    if (token != nullptr && !token->seen()) return reader.scalar(value, 2, *token);
    if (name != "data" || data_seen) return reader.skip(value, 2);
    data_seen = true;
    Token other;
    if (first_of(value) != '{') {
      const Step step = reader.scalar(value, 2, other);
      return step == Step::failed ? step : reader.fail(DecodeCode::unknown_shape, "data", other.byte);
    }
    JsonObject data;
    if (value.get_object().get(data) != simdjson::SUCCESS) return reader.syntax_error();
    return on_data(data);
  };
  const Step step = reader.each_field(object, on_field);
  if (step != Step::next) return step;
  if (!version.given()) return reader.fail(DecodeCode::missing_field, "specversion", -1);
  if (version.type != Token::Type::string || !version.text.starts_with("1.")) {
    return reader.fail(DecodeCode::unknown_shape, "specversion", version.byte);
  }
  if (content_type.given() && !is_json_type(content_type.text)) {
    return reader.fail(DecodeCode::unknown_shape, "datacontenttype", content_type.byte);
  }
  if (!data_seen) return reader.fail(DecodeCode::missing_field, "data", -1);
  return Step::next;
}

}  // namespace proactive::daemon
