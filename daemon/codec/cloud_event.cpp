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

tl::unexpected<DecodeError> fail(DecodeCode code, std::string_view field, std::int64_t byte) {
  return tl::make_unexpected(DecodeError{code, field, byte});
}

}  // namespace

Envelope envelope_of(const InputRecord& record) {
  if (record.headers.empty()) return Envelope::none;
  const std::string_view* type = header(record, "content-type");
  if (type != nullptr && starts_with_any_case(*type, kMediaType)) return Envelope::structured;
  return header(record, "ce_specversion") != nullptr ? Envelope::binary : Envelope::none;
}

Result<EnvelopeAttributes, DecodeError> binary_attributes(const InputRecord& record) {
  if (!header(record, "ce_specversion")->starts_with("1.")) {
    return fail(DecodeCode::unknown_shape, "ce_specversion", -1);
  }
  const std::string_view* type = header(record, "content-type");
  if (type != nullptr && !is_json_type(*type)) return fail(DecodeCode::unknown_shape, "content-type", -1);
  EnvelopeAttributes attributes;
  const auto take = [&](std::string_view name, Token& into) {
    const std::string_view* value = header(record, name);
    if (value == nullptr) return true;
    into = text_token(*value);
    return simdjson::validate_utf8(value->data(), value->size());
  };
  if (!take("ce_id", attributes.id)) return fail(DecodeCode::not_utf8, "ce_id", -1);
  if (!take("ce_time", attributes.time)) return fail(DecodeCode::not_utf8, "ce_time", -1);
  if (!take("ce_partitionkey", attributes.partition_key))
    return fail(DecodeCode::not_utf8, "ce_partitionkey", -1);
  return attributes;
}

Result<EnvelopeAttributes, DecodeError> read_structured(
    JsonReader& reader, JsonObject& object,
    const std::function<Result<bool, DecodeError>(JsonObject&)>& on_data) {
  EnvelopeAttributes attributes;
  Token version;
  Token content_type;
  bool data_seen = false;
  bool stopped = false;
  const auto on_field = [&](std::string_view name, JsonValue& value) -> Result<bool, DecodeError> {
    if (name == "data" && !data_seen) {
      data_seen = true;
      const std::string_view raw = value.raw_json_token();
      if (raw.empty() || raw.front() != '{') {
        const Result<Token, DecodeError> token = reader.scalar(value, 2);
        if (!token) return tl::make_unexpected(token.error());
        return fail(DecodeCode::unknown_shape, "data", token->byte);
      }
      JsonObject data;
      if (value.get_object().get(data) != simdjson::SUCCESS) return reader.syntax_error();
      const Result<bool, DecodeError> more = on_data(data);
      if (more && !*more) stopped = true;
      return more;
    }
    Token* into = nullptr;
    if (name == "specversion") into = &version;
    if (name == "id") into = &attributes.id;
    if (name == "time") into = &attributes.time;
    if (name == "partitionkey") into = &attributes.partition_key;
    if (name == "datacontenttype") into = &content_type;
    if (into == nullptr || into->type != Token::Type::absent) {
      const Result<void, DecodeError> skipped = reader.skip(value, 2);
      if (!skipped) return tl::make_unexpected(skipped.error());
      return true;
    }
    const Result<Token, DecodeError> token = reader.scalar(value, 2);
    if (!token) return tl::make_unexpected(token.error());
    *into = *token;
    return true;
  };
  const Result<bool, DecodeError> read = reader.each_field(object, on_field);
  if (!read) return tl::make_unexpected(read.error());
  if (stopped) return attributes;
  if (!version.given()) return fail(DecodeCode::missing_field, "specversion", -1);
  if (version.type != Token::Type::string || !version.text.starts_with("1.")) {
    return fail(DecodeCode::unknown_shape, "specversion", version.byte);
  }
  if (content_type.given() && !is_json_type(content_type.text)) {
    return fail(DecodeCode::unknown_shape, "datacontenttype", content_type.byte);
  }
  if (!data_seen) return fail(DecodeCode::missing_field, "data", -1);
  return attributes;
}

}  // namespace proactive::daemon
