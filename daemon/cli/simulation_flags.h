// The flags that `simulate` and `demo` share.
#pragma once

#include "daemon/cli/commands.h"
#include "daemon/simulate/simulator.h"

namespace proactive::daemon {

inline void add_simulation_flags(CLI::App& command, SimulationOptions& into) {
  command.add_option("--seed", into.seed, "Seed of everything random")->capture_default_str();
  command.add_option("--customers", into.customers, "Customers of the fleet")
      ->check(CLI::Range(1u, 1u << 24))
      ->capture_default_str();
  command.add_option("--days", into.days, "Days of telemetry")
      ->check(CLI::Range(1u, 3650u))
      ->capture_default_str();
}

}  // namespace proactive::daemon
