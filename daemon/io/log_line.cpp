#include "daemon/io/log_line.h"

#include <fmt/format.h>

#include <cmath>

namespace proactive::daemon {
namespace {

// Length of the well-formed UTF-8 sequence at `at`, 0 when there is none. `code` receives the code point.
std::size_t utf8_sequence(std::string_view text, std::size_t at, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  std::size_t length = 0;
  std::uint32_t lowest = 0;
  if (lead < 0x80) {
    code = lead;
    return 1;
  }
  if (lead >= 0xC2 && lead < 0xE0) {
    length = 2, lowest = 0x80, code = lead & 0x1Fu;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    length = 3, lowest = 0x800, code = lead & 0x0Fu;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    length = 4, lowest = 0x10000, code = lead & 0x07u;
  } else {
    return 0;
  }
  if (at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return code < lowest || code > 0x10FFFF || surrogate ? 0 : length;
}

// Controls of ASCII and Latin-1, and the two separators that some readers take for a line's end.
bool must_escape(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t code = 0;
    const std::size_t length = utf8_sequence(text, at, code);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\r') {
      out += "\\r";
    } else if (code == '\t') {
      out += "\\t";
    } else if (must_escape(code)) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out.append(text, at, length);
    }
    at += length;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool is_bare(std::string_view text) {  // may stand in logfmt without quotes
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7F || c == '=' || c == '"' || c == '\\') return false;
  }
  return true;
}

std::string safe_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += plain ? c : '_';
  }
  // A name of the frame may occur once: readers take the first or the last of two at will.
  if (out.empty() || out == "ts" || out == "level" || out == "msg" || out == "component" ||
      out == "dropped") {
    out += '_';
  }
  return out;
}

// Writes `name=value` pairs in one of the two formats.
class LineWriter {
 public:
  LineWriter(std::string& out, LogFormat format) : out_(out), format_(format) {
    if (format_ == LogFormat::json) out_ += '{';
  }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    if (format_ == LogFormat::logfmt && is_bare(value)) {
      out_ += value;
    } else {
      append_quoted(out_, value);
    }
  }

  void value(std::string_view name, const LogField::Value& value) {
    if (const auto* string = std::get_if<std::string_view>(&value)) return text(name, *string);
    begin(name);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      out_ += fmt::format("{}", *integer);
    } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
      out_ += fmt::format("{}", *natural);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      out_ += *flag ? "true" : "false";
    } else {
      const double number = std::get<double>(value);
      // JSON has no NaN and no infinity.
      out_ += std::isfinite(number) ? fmt::format("{}", number) : std::string("null");
    }
  }

  void end() {
    if (format_ == LogFormat::json) out_ += '}';
  }

 private:
  void begin(std::string_view name) {
    if (!first_) out_ += format_ == LogFormat::json ? ',' : ' ';
    first_ = false;
    if (format_ == LogFormat::json) {
      append_quoted(out_, name);
      out_ += ':';
    } else {
      out_ += name;
      out_ += '=';
    }
  }

  std::string& out_;
  LogFormat format_;
  bool first_ = true;
};

// syslog(3) severities.
char journal_digit(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return '7';
    case LogLevel::info:
      return '6';
    case LogLevel::warn:
      return '4';
    case LogLevel::error:
      return '3';
  }
  return '6';
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

std::string format_log_line(const LogEvent& event, LogFormat format, bool journal_priority) {
  std::string out;
  out.reserve(160);
  if (journal_priority) {
    out += '<';
    out += journal_digit(event.level);
    out += '>';
  }
  LineWriter line(out, format);
  line.text("ts", format_rfc3339(event.time));
  line.text("level", to_string(event.level));
  line.text("component", event.component);
  line.text("msg", event.message);
  for (const LogField& field : event.fields) line.value(safe_name(field.name), field.value);
  if (event.dropped > 0) line.value("dropped", LogField::Value(event.dropped));
  line.end();
  return out;
}

}  // namespace proactive::daemon
