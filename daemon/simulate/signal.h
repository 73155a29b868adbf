// The simulated signals: names, kinds and units as the telemetry carries them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace proactive::daemon {

// Numbers are part of random keys and event ids ("same seed, same bytes"): append only.
enum class SimulatedSignal : std::uint8_t {
  api_requests,
  api_errors,
  api_latency_ms,
  usage_actions,
  job_completed,
  job_backlog,
  device_battery,
  storage_used_percent,
  storage_used,
  sync_heartbeat,
  payments_attempts,
  payments_failed,
  logins_attempts,
  logins_failed,
  ui_click,
  debug_gc_pause_ms,
  debug_cache_hits,
  debug_queue_depth
};
inline constexpr std::size_t kSimulatedSignals = 18;

struct SignalFacts {
  std::string_view name, kind, unit;
  std::string_view entity_type;  // empty: the customer itself
  int decimals = 0;
  bool valued = true;     // events carry no value
  bool labelled = false;  // dims region and version
};

inline constexpr std::array<SignalFacts, kSimulatedSignals> kSignalFacts = {{
    {"api.requests", "count", "1", "", 0, true, true},
    {"api.errors", "count", "1", "", 0, true, true},
    {"api.latency_ms", "gauge", "ms", "", 1, true, true},
    {"usage.actions", "count", "1", "", 0, true, false},
    {"job.completed", "event", "1", "job", 0, false, false},
    {"job.backlog", "gauge", "1", "job", 0, true, false},
    {"device.battery", "gauge", "percent", "device", 1, true, false},
    {"storage.used_percent", "gauge", "percent", "", 2, true, false},
    {"storage.used", "gauge", "bytes", "", 0, true, false},
    {"sync.heartbeat", "event", "1", "", 0, false, false},
    {"payments.attempts", "count", "1", "", 0, true, false},
    {"payments.failed", "count", "1", "", 0, true, false},
    {"logins.attempts", "count", "1", "", 0, true, false},
    {"logins.failed", "count", "1", "", 0, true, false},
    {"ui.click", "event", "1", "", 0, false, false},
    {"debug.gc_pause_ms", "gauge", "ms", "", 1, true, true},
    {"debug.cache_hits", "count", "1", "", 0, true, true},
    {"debug.queue_depth", "gauge", "1", "", 0, true, true},
}};

[[nodiscard]] constexpr const SignalFacts& facts_of(SimulatedSignal signal) {
  return kSignalFacts[static_cast<std::size_t>(signal)];
}

// One report before it is written as a line.
struct SimulatedReading {
  std::int64_t time_ms = 0;     // event time since 1970
  std::int64_t arrival_ms = 0;  // when the topic has it
  std::uint32_t customer = 0;
  std::uint32_t slot = 0;  // five minutes each, since the start
  SimulatedSignal signal = SimulatedSignal::api_requests;
  std::uint8_t item = 0;              // job, device, or a running number
  std::uint8_t minor = 0, patch = 0;  // version of labelled signals
  double value = 1;
};

}  // namespace proactive::daemon
