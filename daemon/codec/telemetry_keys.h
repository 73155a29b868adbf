// The keys of canonical telemetry JSON.
#pragma once

#include <cstdint>
#include <string_view>

namespace proactive::daemon {

enum class TelemetryKey : std::uint8_t {
  unknown,
  event_id,
  event_time,
  customer_id,
  signal,
  entity,
  value,
  unit,
  kind,
  dims,
  specversion
};

[[nodiscard]] inline TelemetryKey telemetry_key(std::string_view name) {
  switch (name.size()) {
    case 4:
      if (name == "unit") return TelemetryKey::unit;
      if (name == "kind") return TelemetryKey::kind;
      if (name == "dims") return TelemetryKey::dims;
      break;
    case 5:
      if (name == "value") return TelemetryKey::value;
      break;
    case 6:
      if (name == "signal") return TelemetryKey::signal;
      if (name == "entity") return TelemetryKey::entity;
      break;
    case 8:
      if (name == "event_id") return TelemetryKey::event_id;
      break;
    case 10:
      if (name == "event_time") return TelemetryKey::event_time;
      break;
    case 11:
      if (name == "customer_id") return TelemetryKey::customer_id;
      if (name == "specversion") return TelemetryKey::specversion;
      break;
    default:
      break;
  }
  return TelemetryKey::unknown;
}

}  // namespace proactive::daemon
