// The telemetry of these benches: signals that the shipped rules use, as canonical JSON of about 180 bytes.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "models/base/time.h"

namespace proactive::bench {

enum class Signal : std::uint8_t { latency, requests, latency_again, errors };

struct Reading {
  std::uint64_t number = 0;  // its event id
  std::uint64_t customer = 0;
  Signal signal = Signal::latency;
  std::uint64_t noise = 0;  // any bits: the value
  Timestamp time;
};

inline std::string customer_id(std::uint64_t customer) { return fmt::format("c_{:07}", customer); }

inline std::string telemetry_line(const Reading& reading, std::uint64_t raised_by = 0) {
  const bool latency = reading.signal == Signal::latency || reading.signal == Signal::latency_again;
  const bool requests = reading.signal == Signal::requests;
  const std::uint64_t value = latency    ? 90 + reading.noise % 20 + raised_by
                              : requests ? 200 + reading.noise % 10
                                         : reading.noise % 2;
  return fmt::format(
      R"({{"event_id":"t-{:012x}","event_time":"{}","customer_id":"{}","signal":"{}","value":{},"unit":"{}","kind":"{}","dims":{{"region":"eu-1"}}}})",
      reading.number, format_rfc3339(reading.time), customer_id(reading.customer),
      latency    ? "api.latency_ms"
      : requests ? "api.requests"
                 : "api.errors",
      value, latency ? "ms" : "1", latency ? "gauge" : "count");
}

}  // namespace proactive::bench
