#include "daemon/codec/json_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace proactive::daemon {

namespace {

using simdjson::ondemand::raw_json_string;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// RFC 8259 `number`, all of `text`.
bool is_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto digits = [&] {
    const char* const from = at;
    while (at != end && is_digit(*at)) ++at;
    return at != from;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at != end && *at == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return false;
  }
  return at == end;
}

// What other programs write for numbers that JSON cannot say.
bool is_not_finite_literal(std::string_view text) {
  return text == "NaN" || text == "nan" || text == "Infinity" || text == "-Infinity" || text == "inf" ||
         text == "-inf";
}

}  // namespace

std::optional<double> number_of(const Token& token) {
  double value = 0;
  const auto parsed = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    // Too small is 0, too large has no finite value; from_chars does not say which.
    const std::size_t exponent = token.text.find_first_of("eE");
    const bool tiny =
        exponent == std::string_view::npos ? token.text.find('.') < 3 : token.text[exponent + 1] == '-';
    if (tiny) return 0.0;
    return std::nullopt;
  }
  if (parsed.ec != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::size_t first_invalid_utf8(std::string_view text) {
  // Character by character: only refused records pay for it.
  std::size_t good = 0;
  while (good < text.size()) {
    const auto lead = static_cast<unsigned char>(text[good]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (good + length > text.size() || !simdjson::validate_utf8(text.data() + good, length)) return good;
    good += length;
  }
  return good;
}

Result<JsonObject, DecodeError> JsonReader::open(std::string_view bytes, std::int64_t offset) {
  offset_ = offset;
  size_ = bytes.size();
  if (buffer_.size() < size_ + simdjson::SIMDJSON_PADDING) {
    buffer_.resize(2 * size_ + simdjson::SIMDJSON_PADDING);
    unescaped_.resize(buffer_.size() + simdjson::SIMDJSON_PADDING);
    if (parser_.allocate(2 * size_ + 1) != simdjson::SUCCESS) return fail(DecodeCode::too_large, {}, -1);
  }
  std::memcpy(buffer_.data(), bytes.data(), size_);
  std::memset(buffer_.data() + size_, ' ',
              simdjson::SIMDJSON_PADDING);  // no closing bracket of an earlier record

  const simdjson::error_code error = parser_.iterate(buffer_.data(), size_, buffer_.size()).get(document_);
  if (error != simdjson::SUCCESS) {
    if (!simdjson::validate_utf8(bytes)) {
      return fail(DecodeCode::not_utf8, {}, offset + static_cast<std::int64_t>(first_invalid_utf8(bytes)));
    }
    return fail(DecodeCode::bad_json, {}, offset);
  }
  return root();
}

Result<JsonObject, DecodeError> JsonReader::reopen() {
  document_.rewind();
  return root();
}

Result<JsonObject, DecodeError> JsonReader::root() {
  unescaped_end_ = unescaped_.data();
  const auto first = std::find_if_not(buffer_.data(), buffer_.data() + size_, is_space);
  if (*first != '{') {
    const bool other_json = *first != '\0' && std::strchr("[\"-0123456789tfn", *first) != nullptr;
    return fail(other_json ? DecodeCode::unknown_shape : DecodeCode::bad_json, {}, byte_of(first));
  }
  JsonObject object;
  if (document_.get_object().get(object) != simdjson::SUCCESS) {
    return fail(DecodeCode::bad_json, {}, offset_ + static_cast<std::int64_t>(size_));  // never closed
  }
  return object;
}

Result<void, DecodeError> JsonReader::finish() {
  const char* at = nullptr;
  if (document_.current_location().get(at) == simdjson::OUT_OF_BOUNDS) return {};  // no token is left
  return syntax_error();
}

tl::unexpected<DecodeError> JsonReader::syntax_error() {
  const char* at = nullptr;
  if (document_.current_location().get(at) != simdjson::SUCCESS || at > buffer_.data() + size_) {
    at = buffer_.data() + size_;
  }
  return fail(DecodeCode::bad_json, {}, byte_of(at));
}

std::optional<std::string_view> JsonReader::unescape(const char* raw) {
  std::string_view text;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(raw);
  if (parser_.unescape(raw_json_string(bytes), unescaped_end_).get(text) != simdjson::SUCCESS)
    return std::nullopt;
  return text;
}

Result<std::string_view, DecodeError> JsonReader::key_text(const char* raw) {
  const char* end = raw;
  while (*end != '"' && *end != '\\') ++end;  // closed: checked when the record was indexed
  if (*end == '"') return std::string_view(raw, static_cast<std::size_t>(end - raw));
  const std::optional<std::string_view> text = unescape(raw);
  if (!text) return fail(DecodeCode::bad_json, {}, byte_of(end));
  return *text;
}

Result<Token, DecodeError> JsonReader::scalar(JsonValue& value, int depth) {
  const std::string_view raw = without_trailing_space(value.raw_json_token());
  const std::int64_t byte = byte_of(raw.data());
  switch (raw.empty() ? '\0' : raw.front()) {
    case '"': {
      raw_json_string consumed;  // simdjson would take `"a":"b":1` for a key when it skips
      if (value.get_raw_json_string().get(consumed) != simdjson::SUCCESS) return syntax_error();
      if (raw.size() < 2 || raw.back() != '"') return fail(DecodeCode::bad_json, {}, byte);
      const std::string_view text = raw.substr(1, raw.size() - 2);
      if (std::memchr(text.data(), '\\', text.size()) == nullptr)
        return Token{Token::Type::string, text, byte};
      const std::optional<std::string_view> unescaped = unescape(text.data());
      if (!unescaped) return fail(DecodeCode::bad_json, {}, byte);
      return Token{Token::Type::string, *unescaped, byte};
    }
    case '{':
    case '[': {
      const Result<void, DecodeError> skipped = skip(value, depth);
      if (!skipped) return tl::make_unexpected(skipped.error());
      return Token{Token::Type::container, {}, byte};
    }
    case 't':
    case 'f':
      if (raw != "true" && raw != "false") return fail(DecodeCode::bad_json, {}, byte);
      return Token{Token::Type::boolean, raw, byte};
    case 'n':
      if (raw == "null") return Token{Token::Type::null, raw, byte};
      [[fallthrough]];
    default:
      if (is_number(raw)) return Token{Token::Type::number, raw, byte};
      return fail(is_not_finite_literal(raw) ? DecodeCode::not_finite : DecodeCode::bad_json, {}, byte);
  }
}

Result<void, DecodeError> JsonReader::skip(JsonValue& value, int depth) {
  const std::string_view raw = value.raw_json_token();
  const char first = raw.empty() ? '\0' : raw.front();
  if (first != '{' && first != '[') {
    const Result<Token, DecodeError> token = scalar(value, depth);
    if (!token) return tl::make_unexpected(token.error());
    return {};
  }
  if (depth >= kMaxJsonDepth) return fail(DecodeCode::bad_json, {}, byte_of(raw.data()));
  if (first == '{') {
    JsonObject object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return syntax_error();
    const Result<bool, DecodeError> read =
        each_field(object, [&](std::string_view, JsonValue& inner) -> Result<bool, DecodeError> {
          const Result<void, DecodeError> skipped = skip(inner, depth + 1);
          if (!skipped) return tl::make_unexpected(skipped.error());
          return true;
        });
    if (!read) return tl::make_unexpected(read.error());
    return {};
  }
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return syntax_error();
  for (auto element : array) {
    JsonValue inner;
    if (element.get(inner) != simdjson::SUCCESS) return syntax_error();
    const Result<void, DecodeError> skipped = skip(inner, depth + 1);
    if (!skipped) return skipped;
  }
  return {};
}

}  // namespace proactive::daemon
