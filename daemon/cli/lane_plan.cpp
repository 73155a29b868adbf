#include "daemon/cli/lane_plan.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace proactive::daemon {

std::uint32_t cores_of_cpu_max(std::string_view text) {
  std::uint64_t quota = 0, period = 0;
  const char* end = text.data() + text.size();
  const auto [after_quota, quota_error] = std::from_chars(text.data(), end, quota);
  if (quota_error != std::errc() || after_quota == end || *after_quota != ' ') return 0;  // "max ..." as well
  const auto [after_period, period_error] = std::from_chars(after_quota + 1, end, period);
  if (period_error != std::errc() || period == 0 || quota == 0) return 0;
  return static_cast<std::uint32_t>((quota + period - 1) / period);
}

std::uint32_t auto_lanes() {
  constexpr std::uint32_t kMostLanes = 8;  // a client has about one thread per broker
  std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (const std::uint32_t limit = cores_of_cpu_max(text); limit > 0) cores = std::min(cores, limit);
  return std::min(cores, kMostLanes);
}

Result<LanePlan> plan_lanes(const config::KafkaConfig& kafka) {
  LanePlan plan;
  plan.lanes = kafka.lanes > 0 ? kafka.lanes : auto_lanes();
  const std::uint64_t total = kafka.memory_budget > 0 ? kafka.memory_budget : default_memory_budget();
  const auto brokers = static_cast<std::uint32_t>(kafka.brokers.size());
  const Result<MemoryBudget> budget = split_memory(total, plan.lanes, brokers);
  if (!budget) return tl::make_unexpected(budget.error());
  plan.budget = *budget;
  return plan;
}

}  // namespace proactive::daemon
