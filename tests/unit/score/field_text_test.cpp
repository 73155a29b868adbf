#include "daemon/score/field_text.h"

#include <doctest/doctest.h>

#include <limits>

namespace proactive::daemon {
namespace {

std::string csv(std::string_view text) {
  std::string out;
  append_csv(text, out);
  return out;
}
std::string json(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}
template <class T>
std::string number(T value) {
  std::string out;
  append_number(value, out);
  return out;
}

}  // namespace

TEST_CASE("a value is a number, missing, infinite or malformed") {
  using Kind = Value::Kind;
  struct Case {
    const char* text;
    Kind kind;
    double number;
  };
  const Case cases[] = {
      {"1.5", Kind::number, 1.5},    {" -2 ", Kind::number, -2},  {"+3e2", Kind::number, 300},
      {"1e-400", Kind::number, 0},  // too small for a double
      {"0x10", Kind::malformed, 0},  {"", Kind::missing, 0},      {"  ", Kind::missing, 0},
      {"NaN", Kind::missing, 0},     {"-nan", Kind::missing, 0},  {"NULL", Kind::missing, 0},
      {"n/a", Kind::missing, 0},     {"inf", Kind::infinite, 0},  {"-Infinity", Kind::infinite, 0},
      {"1e400", Kind::infinite, 0},  {"1,5", Kind::malformed, 0},  // a decimal comma
      {"12 ms", Kind::malformed, 0}, {"+-1", Kind::malformed, 0}, {"true", Kind::malformed, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Value value = parse_value(c.text);
    CHECK(static_cast<int>(value.kind) == static_cast<int>(c.kind));
    CHECK(value.number == c.number);
  }
}

TEST_CASE("CSV fields are quoted only where they must be") {
  CHECK(csv("2026-11-23 09:00:00") == "2026-11-23 09:00:00");
  CHECK(csv(" a ") == " a ");
  CHECK(csv("a,b") == "\"a,b\"");
  CHECK(csv("a\"b") == "\"a\"\"b\"");
  CHECK(csv("") == "");
}

TEST_CASE("JSON strings are valid whatever bytes they come from") {
  CHECK(json("a\"\\\n\x01") == R"("a\"\\\u000a\u0001")");
  CHECK(json("gr\xC3\xBCn \xE2\x82\xAC \xF0\x9F\x98\x80") == "\"gr\xC3\xBCn \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  // a cut character, an overlong form, a surrogate
  CHECK(json("a\xC3") == "\"a\xEF\xBF\xBD\"");
  CHECK(json("\xC0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(json("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST_CASE("numbers are written in the shortest form that reads back") {
  CHECK(number(0.1) == "0.1");
  CHECK(number(0.1F) == "0.1");
  CHECK(number(12.0) == "12");
  CHECK(number(-std::numeric_limits<double>::max()) == "-1.7976931348623157e+308");
  CHECK(number(std::numeric_limits<double>::denorm_min()) == "5e-324");
}

}  // namespace proactive::daemon
