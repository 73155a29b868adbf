// One log event as one line of text: logfmt or JSON, with every value escaped.
//
// Pure functions. Clock: none. Failure: none; bytes that are not UTF-8 become U+FFFD, so a line always
// parses. spdlog escapes nothing by itself: a newline in a value would forge a line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "models/base/time.h"

namespace proactive::daemon {

enum class LogLevel : std::uint8_t { debug = 0, info = 1, warn = 2, error = 3 };
inline constexpr std::size_t kLogLevels = 4;
[[nodiscard]] std::string_view to_string(LogLevel level);

enum class LogFormat : std::uint8_t { logfmt, json };

// A named value; the views live until log() returns. Names are code, not data: [a-z0-9_].
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(std::string_view(text)) {}
  LogField(std::string_view field_name, const std::string& text)
      : name(field_name), value(std::string_view(text)) {}
  template <class T>
  requires std::is_arithmetic_v<T> LogField(std::string_view field_name, T number)
      : name(field_name), value(to_value(number)) {}

  std::string_view name;
  Value value;

 private:
  template <class T>
  static Value to_value(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      return Value(number);
    } else if constexpr (std::is_floating_point_v<T>) {
      return Value(static_cast<double>(number));
    } else if constexpr (std::is_signed_v<T>) {
      return Value(static_cast<std::int64_t>(number));
    } else {
      return Value(static_cast<std::uint64_t>(number));
    }
  }
};

struct LogEvent {
  Timestamp time;
  LogLevel level = LogLevel::info;
  std::string_view component, message;
  std::initializer_list<LogField> fields;
  std::uint64_t dropped = 0;  // lines of this call site that the rate limit swallowed just before
};

// Without the line's end. `journal_priority`: "<6>" in front, which journald strips and takes as the
// priority.
[[nodiscard]] std::string format_log_line(const LogEvent& event, LogFormat format, bool journal_priority);

}  // namespace proactive::daemon
