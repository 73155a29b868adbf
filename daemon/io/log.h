// The process's log: one call, one line on stderr. daemon/io, daemon/kafka and daemon/cli call log();
// daemon/cli/log.h opens it from the configuration.
//
//   log(LogLevel::warn, "lane", "commit aborted, reading again from the committed offsets",
//       {{"lane", 0}, {"cause", "generation"}, {"partitions", 4}});
//
// Messages are sentences for operators: what happened, what the daemon does about it, what to do. Coordinates
// are fields: code, lane, topic, partition, offset, rule. Never a payload, never a plain customer id. State
// changes, never records: stderr is written synchronously, so a blocked stderr blocks the caller.
//
// Thread: any. Bound: each call site writes 10 lines a second after a burst of 50; what is swallowed is
// counted and the site's next line says so. Before open_log(): logfmt at level info on stderr.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "daemon/io/log_line.h"

namespace spdlog::sinks {
class sink;
}

namespace proactive::daemon {

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::logfmt;
  bool journal_priority = false;
  std::shared_ptr<spdlog::sinks::sink> sink;  // null: stderr
  std::function<Timestamp()> clock;           // null: the wall clock
};

// REQUIRES: no other thread logs meanwhile. May be called again (tests).
void open_log(LogOptions options);

// The file and line of the caller identify the call site of the rate limit.
void log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields = {}, const char* file = __builtin_FILE(),
         int line = __builtin_LINE());

// Lines swallowed by the rate limit since the start, by level.
[[nodiscard]] std::array<std::uint64_t, kLogLevels> log_dropped();

}  // namespace proactive::daemon
