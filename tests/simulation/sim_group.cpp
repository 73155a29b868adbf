#include "tests/simulation/sim_group.h"

#include <algorithm>

namespace proactive::simulation {

std::uint64_t SimGroup::join(const std::string& instance) {
  const auto known = members_.find(instance);
  if (known == members_.end()) {
    begin_rebalance(instance + " joins");
    members_[instance] = {++last_member_, true, {}, sim_.steady};
    return last_member_;
  }
  sim_.say("group", "{} comes back, its former process is fenced", instance);
  known->second.number = ++last_member_;
  known->second.joined = true;
  known->second.heard = sim_.steady;
  return last_member_;
}

void SimGroup::rejoin(const std::string& instance, std::uint64_t member) {
  if (standing(instance, member) == Standing::must_rejoin) members_[instance].joined = true;
}

void SimGroup::leave(const std::string& instance) {
  if (members_.erase(instance) > 0) begin_rebalance(instance + " is out");
}

void SimGroup::heard(const std::string& instance, std::uint64_t member) {
  const auto known = members_.find(instance);
  if (known != members_.end() && known->second.number == member) known->second.heard = sim_.steady;
}

void SimGroup::begin_rebalance(std::string_view why) {
  sim_.say("group", "rebalance: {}", why);
  rebalancing_ = true;
  for (auto& entry : members_) entry.second.joined = false;
}

void SimGroup::turn() {
  bool silent = false;
  std::erase_if(members_, [&](const auto& entry) {
    const bool out = sim_.steady - entry.second.heard > sim_.plan.session_timeout;
    if (out) sim_.say("group", "{} was silent too long", entry.first);
    silent = silent || out;
    return out;
  });
  if (silent && !rebalancing_) begin_rebalance("a member is gone");
  if (rebalancing_ &&
      std::all_of(members_.begin(), members_.end(), [](const auto& entry) { return entry.second.joined; })) {
    complete();
  }
}

void SimGroup::complete() {
  rebalancing_ = false;
  ++generation_;
  sim_.events.add(Event::rebalance);
  const auto count = static_cast<std::int32_t>(members_.size());
  std::int32_t index = 0;
  PartitionId next = 0;
  for (auto& entry : members_) {  // range: the first few members get one more
    const std::int32_t share =
        sim_.plan.partitions / count + (index++ < sim_.plan.partitions % count ? 1 : 0);
    entry.second.assigned.clear();
    entry.second.incomplete.clear();
    for (std::int32_t i = 0; i < share; ++i) entry.second.assigned.push_back(next++);
    sim_.say("group", "generation {}: {} has {} partitions up to {}", generation_, entry.first, share,
             next - 1);
  }
  split_.reset();
  if (sim_.chaos && !members_.empty() && sim_.random.one_in(sim_.plan.incomplete)) split_one();
}

void SimGroup::split_one() {
  split_ = static_cast<PartitionId>(sim_.random.below(static_cast<std::uint64_t>(sim_.plan.partitions)));
  const auto other =
      std::next(members_.begin(), static_cast<std::ptrdiff_t>(sim_.random.below(members_.size())));
  for (auto& entry : members_) {
    if (std::erase(entry.second.assigned, *split_) > 0) entry.second.incomplete.push_back(*split_);
  }
  if (other->second.incomplete.empty()) other->second.incomplete.push_back(*split_);
  sim_.say("group", "the topics of partition {} are with two members", *split_);
}

void SimGroup::come_back() {
  for (auto& entry : members_) entry.second.heard = sim_.steady;
}

SimGroup::Standing SimGroup::standing(const std::string& instance, std::uint64_t member) const {
  const auto known = members_.find(instance);
  if (known == members_.end()) return Standing::unknown;
  if (known->second.number != member) return Standing::fenced;
  if (!rebalancing_) return Standing::assigned;
  return known->second.joined ? Standing::waiting : Standing::must_rejoin;
}

std::vector<PartitionId> SimGroup::assigned(const std::string& instance) const {
  return members_.at(instance).assigned;
}

std::vector<PartitionId> SimGroup::incomplete(const std::string& instance) const {
  return members_.at(instance).incomplete;
}

// While a rebalance gathers its members the old generation may still commit: that is what revoke relies on.
bool SimGroup::accepts(const GroupMetadata& metadata) const {
  const auto known = members_.find(metadata.instance);
  return known != members_.end() && known->second.number == metadata.member &&
         metadata.generation == generation_;
}

}  // namespace proactive::simulation
