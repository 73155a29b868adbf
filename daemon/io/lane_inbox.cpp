#include "daemon/io/lane_inbox.h"

#include <utility>

namespace proactive::daemon {

std::uint64_t LaneInbox::new_rules(std::shared_ptr<const rules::RuleSet> rules,
                                   std::optional<bool> outreach_enabled) {
  const std::lock_guard lock(mutex_);
  if (!outreach_enabled) outreach_enabled = waiting_.outreach_enabled;  // of a set that is not taken yet
  waiting_ = {std::move(rules), outreach_enabled, ++sent_};
  has_rules_.store(true, std::memory_order_release);
  return sent_;
}

LaneInbox::Rules LaneInbox::take_rules() {
  if (!has_rules_.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex_);
  has_rules_.store(false, std::memory_order_relaxed);
  return std::exchange(waiting_, Rules{});
}

}  // namespace proactive::daemon
