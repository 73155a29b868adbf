// What the tools of this folder share: the daemon's own settings from its configuration file, and how they end.
#pragma once

#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "config/loader/load_config.h"
#include "daemon/io/memory_budget.h"
#include "daemon/kafka/handles.h"

namespace proactive::bench {

using Steady = std::chrono::steady_clock;

[[noreturn]] inline void fail(const std::string& why) {
  std::fputs((why + "\n").c_str(), stderr);
  std::exit(1);
}

template <class T>
T value_of(Result<T> result) {
  if (!result) fail(result.error().message);
  return std::move(*result);
}

inline void require(rd_kafka_resp_err_t code, const char* what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(fmt::format("{}: {}", what, daemon::kafka::text_of(code)));
}

inline config::KafkaConfig kafka_of(const std::string& file) {
  config::Findings findings;
  auto loaded = config::load_config(file, findings, config::process_environment(), config::LoadFor::run);
  if (!loaded) fail(findings.render_text());
  return loaded->kafka;
}

// As the daemon splits it among its lanes.
inline daemon::MemoryBudget budget_of(const config::KafkaConfig& kafka) {
  const std::uint64_t total = kafka.memory_budget > 0 ? kafka.memory_budget : daemon::default_memory_budget();
  return value_of(daemon::split_memory(total, static_cast<std::uint32_t>(kafka.lanes),
                                       static_cast<std::uint32_t>(kafka.brokers.size())));
}

inline double seconds_since(Steady::time_point begun) {
  return std::chrono::duration<double>(Steady::now() - begun).count();
}

inline double cpu_seconds() {  // of this process, all threads
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace proactive::bench
