#include "daemon/io/memory_budget.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "models/base/check.h"

namespace proactive::daemon {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kCompressionRatio =
    5;  // assumed: a fetch of compressed bytes unpacks to so many times more

// The limit of this cgroup or of any above it, whichever is least (cgroup v2).
std::uint64_t cgroup_limit() {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  std::string line;
  std::ifstream self("/proc/self/cgroup");
  while (std::getline(self, line)) {
    if (line.rfind("0::", 0) != 0) continue;
    for (std::string path = line.substr(3);; path.erase(path.rfind('/'))) {
      std::ifstream file("/sys/fs/cgroup" + path + "/memory.max");
      std::uint64_t limit = 0;
      if (file >> limit) least = std::min(least, limit);  // "max" is not a number
      if (path.empty() || path.find('/') == std::string::npos) break;
    }
  }
  return least;
}

std::uint64_t physical_memory() {
  std::string word;
  std::uint64_t kilobytes = 0;
  std::ifstream file("/proc/meminfo");
  while (file >> word) {
    if (word == "MemTotal:" && file >> kilobytes) return kilobytes * 1024;
  }
  return std::uint64_t{1} << 30;
}

}  // namespace

Result<MemoryBudget> split_memory(std::uint64_t total, std::uint32_t lanes, std::uint32_t brokers) {
  PROACTIVE_CHECK(total > 0 && lanes > 0 && brokers > 0);
  const auto share = [&](std::uint64_t percent) { return total / 100 * percent; };
  MemoryBudget budget;
  budget.total = total;
  budget.state = share(50);
  budget.lane_queue = std::clamp(share(30) / lanes, 32 * kMiB, 1024 * kMiB);
  budget.fetch_bytes =
      std::clamp(share(15) / (std::uint64_t{lanes} * brokers * kCompressionRatio), kMiB, 16 * kMiB);
  budget.producer_queue = std::clamp(share(5) / lanes, 8 * kMiB, 128 * kMiB);

  const std::uint64_t least = lanes * (32 * kMiB + 8 * kMiB + brokers * kCompressionRatio * kMiB);
  if (least > total / 2) {
    return failure(
        fmt::format("memory_budget is {} MiB, but the queues of {} lanes alone need {} MiB: give at least {} "
                    "MiB or fewer lanes",
                    total / kMiB, lanes, least / kMiB, 2 * least / kMiB));
  }
  return budget;
}

std::uint64_t default_memory_budget() { return std::min(physical_memory(), cgroup_limit()) / 100 * 60; }

}  // namespace proactive::daemon
