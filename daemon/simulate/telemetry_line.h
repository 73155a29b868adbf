// Writes one simulated reading as a line of canonical telemetry JSON (docs/simulator.md), without allocation.
//
//   {"event_id":"t-00002900001f502","event_time":"2026-01-05T00:04:58.120Z","customer_id":"c_00042",
//    "signal":"job.backlog","entity":{"type":"job","id":"index-build"},"value":41,"unit":"1","kind":"gauge"}
//
// The id is the reading's coordinates in hexadecimal: customer index (6 digits), slot (5), signal (2), item
// (2).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "daemon/simulate/fleet.h"
#include "daemon/simulate/signal.h"

namespace proactive::daemon {

class TelemetryLine {
 public:
  // The view lives until the next call. No newline at the end.
  std::string_view write(const SimulatedReading& reading, const SimulatedCustomer& customer);

 private:
  void write_date(std::int64_t day);

  std::array<char, 512> buffer_;
  std::array<char, 11> date_{};  // "2026-01-05T" of date_day_
  std::int64_t date_day_ = -1;
};

}  // namespace proactive::daemon
