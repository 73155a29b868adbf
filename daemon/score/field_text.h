// How the fields of `score` are read and written: numbers, CSV quoting, JSON strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proactive::daemon {

[[nodiscard]] std::string_view trimmed(std::string_view text);  // without blanks and tabs at both ends

struct Value {
  enum class Kind : std::uint8_t { number, missing, infinite, malformed };
  Kind kind = Kind::missing;
  double number = 0;  // finite if `number`
};

// Decimal or scientific notation with a point, blanks around it allowed. Missing: nothing at all, nan, na, n/a, null, none
// in any case. Infinite: inf, infinity, or a number too large for a double. Everything else is malformed.
[[nodiscard]] Value parse_value(std::string_view text);

// Appends; quotes only where a comma, a quote or a line end in the text asks for it.
void append_csv(std::string_view text, std::string& out);
// Appends a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& out);
// Appends the shortest text that reads back as the same number: 0.1, 12, 1e-30.
void append_number(double number, std::string& out);
void append_number(float number, std::string& out);

}  // namespace proactive::daemon
