#include "daemon/cli/log.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace proactive::daemon {

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kLogLevels; ++i) {
    if (text == to_string(static_cast<LogLevel>(i))) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

StderrKind stderr_kind(const char* journal_stream) {
  StderrKind kind;
  kind.terminal = ::isatty(STDERR_FILENO) == 1;
  struct stat status {};
  if (journal_stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0) {
    kind.journal = fmt::format("{}:{}", status.st_dev, status.st_ino) == journal_stream;
  }
  return kind;
}

LogOptions log_options(const config::LogConfig& config, const StderrKind& to) {
  LogOptions options;
  options.level = parse_log_level(config.level).value_or(LogLevel::info);
  const bool plain = config.format == "logfmt" || (config.format == "auto" && (to.journal || to.terminal));
  options.format = plain ? LogFormat::logfmt : LogFormat::json;
  options.journal_priority = to.journal;
  return options;
}

void open_process_log(const config::LogConfig& config, const std::optional<LogLevel>& level) {
  LogOptions options = log_options(config, stderr_kind(std::getenv("JOURNAL_STREAM")));
  if (level) options.level = *level;
  open_log(std::move(options));
}

}  // namespace proactive::daemon
