#include "daemon/codec/json_reader.h"

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
  // Up to 15 digits without an exponent are exact as mantissa / 10^k, and most telemetry is that.
  constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const char* at = token.text.data();
  const char* const end = at + token.text.size();
  const bool negative = *at == '-';
  if (negative) ++at;
  std::uint64_t mantissa = 0;
  const char* const first = at;
  for (; at != end && is_digit(*at); ++at) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
  std::ptrdiff_t digits = at - first;
  std::ptrdiff_t decimals = 0;
  if (at != end && *at == '.') {
    const char* const point = at++;
    for (; at != end && is_digit(*at); ++at) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
    decimals = at - point - 1;
    digits += decimals;
  }
  if (at == end && digits <= 15) {
    double value = static_cast<double>(mantissa);
    if (decimals != 0) value /= kPowers[decimals];
    return negative ? -value : value;
  }

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

bool JsonReader::open(std::string_view bytes, std::size_t offset, JsonObject& root) {
  offset_ = static_cast<std::int64_t>(offset);
  size_ = bytes.size();
  if (buffer_.size() < size_ + simdjson::SIMDJSON_PADDING) {
    buffer_.resize(2 * size_ + simdjson::SIMDJSON_PADDING);
    unescaped_.resize(buffer_.size() + simdjson::SIMDJSON_PADDING);
    if (parser_.allocate(2 * size_ + 1) != simdjson::SUCCESS) {
      fail(DecodeCode::too_large, {}, -1);
      return false;
    }
  }
  if (size_ > 0) std::memcpy(buffer_.data(), bytes.data(), size_);
  std::memset(buffer_.data() + size_, ' ',
              simdjson::SIMDJSON_PADDING);  // no closing bracket of an earlier record

  if (parser_.iterate(buffer_.data(), size_, buffer_.size()).get(document_) != simdjson::SUCCESS) {
    if (!simdjson::validate_utf8(bytes)) {
      fail(DecodeCode::not_utf8, {}, byte_of(buffer_.data() + first_invalid_utf8(bytes)));
    } else {
      fail(DecodeCode::bad_json, {}, offset_);
    }
    return false;
  }
  return root_object(root);
}

bool JsonReader::reopen(JsonObject& root) {
  document_.rewind();
  return root_object(root);
}

bool JsonReader::root_object(JsonObject& root) {
  unescaped_end_ = unescaped_.data();
  const char* first = buffer_.data();
  while (is_space(*first) && first < buffer_.data() + size_) ++first;
  if (*first != '{') {
    const bool other_json = *first != '\0' && std::strchr("[\"-0123456789tfn", *first) != nullptr;
    fail(other_json ? DecodeCode::unknown_shape : DecodeCode::bad_json, {}, byte_of(first));
    return false;
  }
  if (document_.get_object().get(root) == simdjson::SUCCESS) return true;
  fail(DecodeCode::bad_json, {}, byte_of(buffer_.data() + size_));  // never closed
  return false;
}

bool JsonReader::finish() {
  const char* at = nullptr;
  if (document_.current_location().get(at) == simdjson::OUT_OF_BOUNDS) return true;  // no token is left
  syntax_error();
  return false;
}

Step JsonReader::syntax_error() {
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

bool JsonReader::escaped_key(const char* raw, std::string_view& key) {
  const std::optional<std::string_view> text = unescape(raw);
  if (!text) {
    fail(DecodeCode::bad_json, {}, byte_of(raw - 1));
    return false;
  }
  key = *text;
  return true;
}

Step JsonReader::scalar(JsonValue& value, int depth, Token& into) {
  const std::string_view raw = without_trailing_space(value.raw_json_token());
  into.byte = byte_of(raw.data());
  into.text = raw;
  switch (raw.empty() ? '\0' : raw.front()) {
    case '"': {
      into.type = Token::Type::string;
      raw_json_string consumed;  // simdjson would take `"a":"b":1` for a key when it skips
      if (value.get_raw_json_string().get(consumed) != simdjson::SUCCESS) return syntax_error();
      if (raw.size() < 2 || raw.back() != '"') return fail(DecodeCode::bad_json, {}, into.byte);
      into.text = raw.substr(1, raw.size() - 2);
      if (std::memchr(into.text.data(), '\\', into.text.size()) == nullptr) return Step::next;
      const std::optional<std::string_view> unescaped = unescape(into.text.data());
      if (!unescaped) return fail(DecodeCode::bad_json, {}, into.byte);
      into.text = *unescaped;
      return Step::next;
    }
    case '{':
    case '[':
      into.type = Token::Type::container;
      return skip(value, depth);
    case 't':
    case 'f':
      into.type = Token::Type::boolean;
      return raw == "true" || raw == "false" ? Step::next : fail(DecodeCode::bad_json, {}, into.byte);
    case 'n':
      into.type = Token::Type::null;
      if (raw == "null") return Step::next;
      [[fallthrough]];
    default:
      into.type = Token::Type::number;
      if (is_number(raw)) return Step::next;
      return fail(is_not_finite_literal(raw) ? DecodeCode::not_finite : DecodeCode::bad_json, {}, into.byte);
  }
}

Step JsonReader::skip(JsonValue& value, int depth) {
  const char first = first_of(value);
  if (first != '{' && first != '[') {
    Token token;
    return scalar(value, depth, token);
  }
  if (depth >= kMaxJsonDepth) return syntax_error();
  if (first == '{') {
    JsonObject object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return syntax_error();
    return each_field(object, [&](std::string_view, JsonValue& inner) { return skip(inner, depth + 1); });
  }
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return syntax_error();
  for (auto element : array) {
    JsonValue inner;
    if (element.get(inner) != simdjson::SUCCESS) return syntax_error();
    const Step step = skip(inner, depth + 1);
    if (step != Step::next) return step;
  }
  return Step::next;
}

}  // namespace proactive::daemon
