#include "daemon/io/log.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon{std::chrono::microseconds(1'764'072'000'000'000)};  // 2025-11-25T12:00:00Z

// Reads logfmt as log collectors do: names, then bare or quoted values. Throws on anything else.
std::vector<std::pair<std::string, std::string>> parse_logfmt(const std::string& line) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t equals = line.find('=', at);
    if (equals == std::string::npos) throw std::runtime_error("no '=' in " + line);
    const std::string name = line.substr(at, equals - at);
    std::string value;
    at = equals + 1;
    if (at < line.size() && line[at] == '"') {
      std::size_t end = at + 1;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
      if (end >= line.size()) throw std::runtime_error("open quote in " + line);
      value = nlohmann::json::parse(line.substr(at, end + 1 - at)).get<std::string>();
      at = end + 1;
    } else {
      const std::size_t end = std::min(line.find(' ', at), line.size());
      value = line.substr(at, end - at);
      at = end;
    }
    pairs.push_back({name, value});
    if (at < line.size() && line[at++] != ' ') throw std::runtime_error("no blank in " + line);
  }
  return pairs;
}

LogEvent event_with(std::string_view message, std::initializer_list<LogField> fields) {
  return LogEvent{kNoon, LogLevel::warn, "lane", message, fields};
}

TEST_CASE("a line carries the frame first and then its fields, numbers as numbers") {
  const std::initializer_list<LogField> fields = {
      {"lane", 3}, {"offset", std::int64_t{-1}}, {"ratio", 0.25}, {"ok", true}, {"topic", "a b"}};

  CHECK(
      format_log_line(event_with("commit aborted", fields), LogFormat::logfmt, false) ==
      "ts=2025-11-25T12:00:00Z level=warn component=lane msg=\"commit aborted\" lane=3 offset=-1 ratio=0.25 "
      "ok=true topic=\"a b\"");
  CHECK(
      format_log_line(event_with("commit aborted", fields), LogFormat::json, false) ==
      "{\"ts\":\"2025-11-25T12:00:00Z\",\"level\":\"warn\",\"component\":\"lane\",\"msg\":\"commit aborted\","
      "\"lane\":3,\"offset\":-1,\"ratio\":0.25,\"ok\":true,\"topic\":\"a b\"}");
}

TEST_CASE("under the journal a line begins with its priority") {
  const struct {
    LogLevel level;
    std::string_view prefix;
  } rows[] = {
      {LogLevel::debug, "<7>ts="},  // LOG_DEBUG
      {LogLevel::info, "<6>ts="},   // LOG_INFO
      {LogLevel::warn, "<4>ts="},   // LOG_WARNING
      {LogLevel::error, "<3>ts="},  // LOG_ERR
  };
  for (const auto& row : rows) {
    const LogEvent event{kNoon, row.level, "lane", "x", {}};
    CHECK(format_log_line(event, LogFormat::logfmt, true).substr(0, 6) == row.prefix);
  }
}

TEST_CASE("a field can't take the place of the frame's own names") {
  const std::string line = format_log_line(
      event_with("real", {{"msg", "forged"}, {"level", "error"}, {"a b", 1}}), LogFormat::logfmt, false);

  CHECK(line == "ts=2025-11-25T12:00:00Z level=warn component=lane msg=real msg_=forged level_=error a_b=1");
}

TEST_CASE("numbers that JSON lacks are written as null") {
  CHECK(format_log_line(event_with("m", {{"x", std::nan("")}}), LogFormat::json, false).find("\"x\":null}") !=
        std::string::npos);
}

TEST_CASE("whatever bytes a message and a value hold, one call is one line that parses back") {
  CHECK(rc::check([](const std::string& message, const std::string& value, bool journal) {
    const LogEvent event{kNoon, LogLevel::info, "c", message, {}};
    const std::initializer_list<LogField> fields = {{"value", value}, {"n", 1}};
    LogEvent full = event;
    full.fields = fields;

    std::string logfmt = format_log_line(full, LogFormat::logfmt, journal);
    std::string json = format_log_line(full, LogFormat::json, journal);
    for (std::string* line : {&logfmt, &json}) {
      RC_ASSERT(line->find_first_of("\n\r") == std::string::npos);
      if (journal) line->erase(0, 3);
    }
    const auto pairs = parse_logfmt(logfmt);
    const nlohmann::json object = nlohmann::json::parse(json);
    RC_ASSERT(pairs.size() == 6u);
    RC_ASSERT(object.size() == 6u);
    RC_ASSERT(pairs[3].second == object["msg"].get<std::string>());
    RC_ASSERT(pairs[4].second == object["value"].get<std::string>());
    RC_ASSERT(pairs[5].second == "1");
  }));
}

TEST_CASE("text that is valid UTF-8 survives the escaping unchanged") {
  CHECK(rc::check([](const std::vector<std::uint16_t>& units) {
    std::string text;
    for (const std::uint16_t unit : units) {
      const std::uint32_t code =
          unit >= 0xD800 && unit < 0xE000 ? 0x1F600u : unit;  // no surrogates; one astral
      if (code < 0x80) {
        text += static_cast<char>(code);
      } else if (code < 0x800) {
        text += static_cast<char>(0xC0 | (code >> 6));
        text += static_cast<char>(0x80 | (code & 0x3F));
      } else if (code < 0x10000) {
        text += static_cast<char>(0xE0 | (code >> 12));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
      } else {
        text += "\xF0\x9F\x98\x80";
      }
    }
    const std::initializer_list<LogField> fields = {{"value", text}};
    LogEvent event{kNoon, LogLevel::info, "c", "m", {}};
    event.fields = fields;

    RC_ASSERT(parse_logfmt(format_log_line(event, LogFormat::logfmt, false))[4].second == text);
    RC_ASSERT(
        nlohmann::json::parse(format_log_line(event, LogFormat::json, false))["value"].get<std::string>() ==
        text);
  }));
}

// The process's log over a string and a clock that the test moves.
struct LogFixture {
  std::ostringstream text;
  Timestamp now = kNoon;

  explicit LogFixture(LogLevel level) {
    LogOptions options;
    options.level = level;
    options.sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
    options.clock = [this] { return now; };
    open_log(std::move(options));
  }
  ~LogFixture() { open_log({}); }

  [[nodiscard]] std::size_t lines() const {
    const std::string all = text.str();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }
};

TEST_CASE("a call site writes a burst of 50 and then ten lines a second; the rest is counted and told") {
  LogFixture at(LogLevel::info);
  const std::uint64_t before = log_dropped()[static_cast<std::size_t>(LogLevel::warn)];
  const auto storm = [] { log(LogLevel::warn, "kafka", "broker away"); };

  for (int i = 0; i < 80; ++i) storm();
  CHECK(at.lines() == 50);
  CHECK(log_dropped()[static_cast<std::size_t>(LogLevel::warn)] - before == 30);

  at.now += 1s;
  for (int i = 0; i < 80; ++i) storm();
  CHECK(at.lines() == 60);
  CHECK(at.text.str().find("msg=\"broker away\" dropped=30\n") != std::string::npos);

  log(LogLevel::warn, "kafka", "another site is not held back");
  CHECK(at.lines() == 61);
}

TEST_CASE("a clock that is set back gives no call site more than its share") {
  LogFixture at(LogLevel::info);
  const auto storm = [] { log(LogLevel::info, "lane", "tick"); };
  for (int i = 0; i < 50; ++i) storm();

  at.now -= 1h;
  for (int i = 0; i < 50; ++i) storm();

  CHECK(at.lines() == 50);
}

TEST_CASE("lines below the level are not written and not counted as dropped") {
  LogFixture at(LogLevel::warn);
  const auto before = log_dropped();

  for (int i = 0; i < 100; ++i) log(LogLevel::info, "lane", "detail");

  CHECK(at.lines() == 0);
  CHECK(log_dropped() == before);
}

}  // namespace
}  // namespace proactive::daemon
