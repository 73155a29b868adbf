#include "daemon/io/log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

namespace proactive::daemon {
namespace {

constexpr double kLinesPerSecond = 10;
constexpr double kBurst = 50;

// The line is complete already; spdlog only carries it to the sink.
class VerbatimFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    out.append(message.payload.data(), message.payload.data() + message.payload.size());
    out.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<VerbatimFormatter>();
  }
};

Timestamp wall_clock() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

struct TokenBucket {
  double tokens = kBurst;
  Timestamp filled_at = kNever;
  std::uint64_t dropped = 0;  // since the last line that went through

  bool take(Timestamp now) {
    if (filled_at != kNever && now > filled_at) {  // a clock set back adds nothing
      tokens =
          std::min(kBurst, tokens + std::chrono::duration<double>(now - filled_at).count() * kLinesPerSecond);
    }
    filled_at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }
};

// The one mutable global of the daemon: a log call must work from every thread without being handed anything.
struct ProcessLog {
  std::mutex mutex;  // guards sites and options against open_log() in tests
  LogOptions options;
  std::map<std::pair<const char*, int>, TokenBucket> sites;  // as many as there are log calls in the source
  std::atomic<LogLevel> level{LogLevel::info};
  std::array<std::atomic<std::uint64_t>, kLogLevels> dropped{};

  ProcessLog() { use({}); }

  void use(LogOptions chosen) {
    options = std::move(chosen);
    if (!options.sink) options.sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    if (!options.clock) options.clock = wall_clock;
    options.sink->set_formatter(std::make_unique<VerbatimFormatter>());
    level.store(options.level, std::memory_order_relaxed);
    sites.clear();
  }
};

ProcessLog& process_log() {
  static ProcessLog instance;
  return instance;
}

}  // namespace

void open_log(LogOptions options) {
  ProcessLog& to = process_log();
  const std::lock_guard lock(to.mutex);
  to.use(std::move(options));
}

void log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields, const char* file, int line) {
  ProcessLog& to = process_log();
  if (level < to.level.load(std::memory_order_relaxed)) return;

  const std::lock_guard lock(to.mutex);
  LogEvent event{to.options.clock(), level, component, message, fields};
  TokenBucket& bucket = to.sites[{file, line}];
  if (!bucket.take(event.time)) {
    ++bucket.dropped;
    to.dropped[static_cast<std::size_t>(level)].fetch_add(1, std::memory_order_relaxed);
    return;
  }
  event.dropped = std::exchange(bucket.dropped, 0);
  const std::string text = format_log_line(event, to.options.format, to.options.journal_priority);
  spdlog::details::log_msg message_of_spdlog;
  message_of_spdlog.payload = spdlog::string_view_t(text.data(), text.size());
  to.options.sink->log(message_of_spdlog);
  to.options.sink->flush();
}

std::array<std::uint64_t, kLogLevels> log_dropped() {
  std::array<std::uint64_t, kLogLevels> counts{};
  for (std::size_t i = 0; i < kLogLevels; ++i) {
    counts[i] = process_log().dropped[i].load(std::memory_order_relaxed);
  }
  return counts;
}

}  // namespace proactive::daemon
