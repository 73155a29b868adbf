#include "daemon/io/warm_partitions.h"

#include <algorithm>
#include <utility>

#include "models/base/check.h"

namespace proactive::daemon {

void WarmPartitions::hold(WarmPartition partition) {
  PROACTIVE_CHECK(!holds(partition.id));
  PROACTIVE_CHECK(partition.pipeline != nullptr && !partition.pipeline->changed());
  if (limits_.hold_for <= Duration::zero()) return;
  metrics_.warm_held.add();
  held_.push_back(std::move(partition));
}

bool WarmPartitions::holds(PartitionId id) const {
  return std::any_of(held_.begin(), held_.end(), [id](const WarmPartition& one) { return one.id == id; });
}

WarmPartition WarmPartitions::take(PartitionId id) {
  const auto found =
      std::find_if(held_.begin(), held_.end(), [id](const WarmPartition& one) { return one.id == id; });
  PROACTIVE_CHECK(found != held_.end());
  WarmPartition taken = std::move(*found);
  held_.erase(found);
  return taken;
}

void WarmPartitions::shed(Duration steady, std::size_t live_bytes) {
  while (!held_.empty() && steady - held_.front().since > limits_.hold_for) {
    held_.erase(held_.begin());
    end(WarmEnd::expired);
  }
  if (limits_.state_bytes == 0) return;
  const std::size_t most = limits_.state_bytes / 100 * kShare;
  for (std::size_t all = live_bytes + bytes(); !held_.empty() && all > most;) {
    all -= held_.front().pipeline->memory_bytes();
    held_.erase(held_.begin());
    end(WarmEnd::memory);
  }
}

void WarmPartitions::drop_all(WarmEnd why) {
  for (; !held_.empty(); held_.pop_back()) end(why);
}

std::size_t WarmPartitions::bytes() const {
  std::size_t sum = 0;
  for (const WarmPartition& one : held_) sum += one.pipeline->memory_bytes();
  return sum;
}

}  // namespace proactive::daemon
