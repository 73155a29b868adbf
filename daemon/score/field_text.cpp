#include "daemon/score/field_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <system_error>

namespace proactive::daemon {
namespace {

bool same_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (same_word(text, word)) return true;
  }
  return false;
}

// Length of the UTF-8 character at the beginning of `text`, 0 if it is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0 && follows(1)) return 2;
  if ((first & 0xF0) == 0xE0 && follows(1) && follows(2)) {
    const bool shortest = first != 0xE0 || byte(1) >= 0xA0;
    const bool no_surrogate = first != 0xED || byte(1) < 0xA0;
    return shortest && no_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5 && follows(1) && follows(2) && follows(3)) {
    return (first != 0xF0 || byte(1) >= 0x90) && (first != 0xF4 || byte(1) < 0x90) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

Value parse_value(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return {};
  std::string_view digits = text;
  if (digits.front() == '+' && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  Value value;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value.number);
  if (error == std::errc() && end == digits.data() + digits.size() && std::isfinite(value.number)) {
    value.kind = Value::Kind::number;
    return value;
  }
  value.number = 0;
  const std::string_view word = digits.front() == '-' ? digits.substr(1) : digits;
  if (is_one_of(word, {"nan", "na", "n/a", "null", "none"})) return value;
  if (error == std::errc::result_out_of_range && end == digits.data() + digits.size()) {
    // Too small for a double is zero, too large is no number.
    const std::size_t exponent = digits.find_first_of("eE");
    const bool tiny =
        exponent != std::string_view::npos && exponent + 1 < digits.size() && digits[exponent + 1] == '-';
    value.kind = tiny ? Value::Kind::number : Value::Kind::infinite;
    return value;
  }
  value.kind = is_one_of(word, {"inf", "infinity"}) ? Value::Kind::infinite : Value::Kind::malformed;
  return value;
}

void append_csv(std::string_view text, std::string& out) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = character(text);
    const char c = text.front();
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_number(double number, std::string& out) {
  char digits[40];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
  static_cast<void>(error);  // the longest double has 24 characters
}

void append_number(float number, std::string& out) {
  char digits[40];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
  static_cast<void>(error);
}

}  // namespace proactive::daemon
