// Opens the process's log from the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/io/log.h"

namespace proactive::daemon {

[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text);

// Where stderr leads. `journal_stream`: $JOURNAL_STREAM, "device:inode" of the journal's socket.
struct StderrKind {
  bool journal = false;
  bool terminal = false;
};
[[nodiscard]] StderrKind stderr_kind(const char* journal_stream);

// auto: the journal and terminals get logfmt, everything else JSON.
[[nodiscard]] LogOptions log_options(const config::LogConfig& config, const StderrKind& to);

// `level`: --log-level, stronger than the configuration. REQUIRES: no other thread logs meanwhile.
void open_process_log(const config::LogConfig& config, const std::optional<LogLevel>& level);

}  // namespace proactive::daemon
