// How many lanes there will be, and what memory each has.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/io/memory_budget.h"

namespace proactive::daemon {

// Whole cores that cgroup v2's "cpu.max" allows ("max 100000", "150000 100000"), rounded up; 0: no limit, or not read.
[[nodiscard]] std::uint32_t cores_of_cpu_max(std::string_view text);

// min(usable cores, the cgroup's limit, 8), at least 1.
[[nodiscard]] std::uint32_t auto_lanes();

struct LanePlan {
  std::uint32_t lanes = 1;
  MemoryBudget budget;
};
// Fails when the memory does not do for that many lanes.
[[nodiscard]] Result<LanePlan> plan_lanes(const config::KafkaConfig& kafka);

}  // namespace proactive::daemon
