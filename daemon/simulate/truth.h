// What the simulator knows besides telemetry: the customers' profiles, their tickets, and the truth about the
// faults. Each is one JSON line of its file; docs/simulator.md shows them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/simulate/fault.h"
#include "daemon/simulate/fleet.h"
#include "models/base/time.h"

namespace proactive::daemon {

struct ProfileLine {
  std::string customer_id;
  std::string json;
};

struct TicketLine {
  Timestamp at;
  std::string customer_id;
  std::string json;
};

struct TruthRow {
  std::string fault_id;
  FaultKind kind = FaultKind::error_spike;
  std::string customer_id;
  std::string entity;  // "customer", or type and id: "job/index-build", "device/d-41-1"
  double size = 0;     // multiples of the noise, two decimals
  Timestamp began, ended, ticket_at;
};
[[nodiscard]] std::string to_json(const TruthRow& row);

[[nodiscard]] ProfileLine make_profile(const SimulatedCustomer& customer, Timestamp valid_from);
[[nodiscard]] TruthRow make_truth(const Fault& fault, const SimulatedCustomer& customer);

// A ticket per fault, created at its time and solved at the fault's end, and tickets about other things: one
// per customer and four weeks. In order of time.
[[nodiscard]] std::vector<TicketLine> make_tickets(std::uint64_t seed,
                                                   std::span<const SimulatedCustomer> fleet,
                                                   std::span<const Fault> faults, Timestamp begin,
                                                   Timestamp end);

}  // namespace proactive::daemon
