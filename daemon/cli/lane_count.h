// How many lanes `kafka.lanes: auto` means here.
#pragma once

#include <cstdint>
#include <string_view>

namespace proactive::daemon {

// Whole cores that cgroup v2's "cpu.max" allows ("max 100000", "150000 100000"), rounded up; 0: no limit, or not read.
[[nodiscard]] std::uint32_t cores_of_cpu_max(std::string_view text);

// min(usable cores, the cgroup's limit, 8), at least 1.
[[nodiscard]] std::uint32_t auto_lanes();

}  // namespace proactive::daemon
