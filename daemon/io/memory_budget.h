// Splits one memory budget into queues and state. Pure arithmetic; the formulas and their origin are in kafka.md 11.
#pragma once

#include <cstdint>

#include "models/base/result.h"

namespace proactive::daemon {

struct MemoryBudget {
  std::uint64_t total = 0;
  std::uint64_t state = 0;           // all partitions of the process together, held ones (WarmLimits) too
  std::uint64_t lane_queue = 0;      // per lane, live or restore
  std::uint64_t fetch_bytes = 0;     // fetch.max.bytes of each consumer
  std::uint64_t producer_queue = 0;  // per lane

  // A queue of q bytes in librdkafka's terms: it counts payload only, a queued record costs about 320 B more.
  [[nodiscard]] std::uint64_t queue_kbytes() const { return lane_queue / 2 / 1024; }
  [[nodiscard]] std::uint64_t queue_messages() const { return lane_queue / 640; }
};

// REQUIRES: total, lanes, brokers > 0. Fails when the lower bounds alone need more than `total`.
[[nodiscard]] Result<MemoryBudget> split_memory(std::uint64_t total, std::uint32_t lanes,
                                                std::uint32_t brokers);

// 60 % of the smaller of RAM and the cgroup's limit. Reads /proc/meminfo and /sys/fs/cgroup.
[[nodiscard]] std::uint64_t default_memory_budget();

}  // namespace proactive::daemon
