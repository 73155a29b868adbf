// Writes one JSON text in the order of the calls, with the same bytes on every host: numbers in their shortest form
// that reads back equal, no white space. What is not finite is left out with its key; JSON cannot say it.
//
// Owner: one encoder call. REQUIRES: valid UTF-8 in all texts; begin and end in pairs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/base/time.h"

namespace proactive::daemon {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(&out) {}

  void begin_object() { open('{'); }
  void begin_object(std::string_view key) { put_key(key), open('{'); }
  void end_object() { close('}'); }
  void begin_array(std::string_view key) { put_key(key), open('['); }
  void end_array() { close(']'); }

  void text(std::string_view key, std::string_view value);
  void integer(std::string_view key, std::int64_t value);
  void number(std::string_view key, double value);
  void boolean(std::string_view key, bool value);
  void time(std::string_view key, Timestamp value) { text(key, format_rfc3339(value)); }

  // Left out when empty.
  void optional_text(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void optional_number(std::string_view key, const std::optional<double>& value) {
    if (value) number(key, *value);
  }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void put_key(std::string_view key);
  void put_string(std::string_view value);

  std::string* out_;
  bool first_ = true;  // nothing was written yet at this level
};

}  // namespace proactive::daemon
