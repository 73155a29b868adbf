#include "daemon/codec/json_writer.h"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace proactive::daemon {

void JsonWriter::separate() {
  if (!first_) *out_ += ',';
  first_ = false;
}

void JsonWriter::open(char bracket) {
  if (bracket == '{' && !out_->empty() && out_->back() != ':')
    separate();  // an array's element, or the first of all
  *out_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  *out_ += bracket;
  first_ = false;
}

void JsonWriter::put_key(std::string_view key) {
  separate();
  put_string(key);
  *out_ += ':';
}

void JsonWriter::put_string(std::string_view value) {
  *out_ += '"';
  for (const char c : value) {
    switch (c) {
      case '"':
        *out_ += "\\\"";
        break;
      case '\\':
        *out_ += "\\\\";
        break;
      case '\n':
        *out_ += "\\n";
        break;
      case '\r':
        *out_ += "\\r";
        break;
      case '\t':
        *out_ += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(*out_), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          *out_ += c;
        }
    }
  }
  *out_ += '"';
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  put_key(key);
  put_string(value);
}

void JsonWriter::integer(std::string_view key, std::int64_t value) {
  put_key(key);
  fmt::format_to(std::back_inserter(*out_), "{}", value);
}

void JsonWriter::number(std::string_view key, double value) {
  if (!std::isfinite(value)) return;
  put_key(key);
  fmt::format_to(std::back_inserter(*out_), "{}", value == 0 ? 0.0 : value);  // no "-0"
}

void JsonWriter::boolean(std::string_view key, bool value) {
  put_key(key);
  *out_ += value ? "true" : "false";
}

}  // namespace proactive::daemon
