// The group's coordinator: members by instance name, generations, eager `range` assignment.
//
// A rebalance asks every member to give its partitions up and to join again; who is silent for the session timeout is
// out. A member that comes back under its static name gets what it had, without a rebalance, and the process that had
// the name before is fenced. In some generations a partition's topics go to two members, as they do while members
// with different subscriptions are in one group. Offsets are taken from a member of the present generation alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/sim.h"

namespace proactive::simulation {

using daemon::PartitionId;

struct GroupMetadata {
  std::string instance;
  std::uint64_t member = 0, generation = 0;
};

class SimGroup {
 public:
  enum class Standing : std::uint8_t {
    unknown,      // not a member, or no more
    fenced,       // another process has the name
    must_rejoin,  // a rebalance has begun
    waiting,      // joined, the others have not
    assigned
  };

  explicit SimGroup(Sim& sim) : sim_(sim) {}

  std::uint64_t join(const std::string& instance);  // the member's number
  void rejoin(const std::string& instance, std::uint64_t member);
  void leave(const std::string& instance);  // out without a word: the network, or an operator
  void heard(const std::string& instance, std::uint64_t member);
  void begin_rebalance(std::string_view why);
  void turn();
  void come_back();  // the coordinator was away: all sessions begin anew

  [[nodiscard]] Standing standing(const std::string& instance, std::uint64_t member) const;
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] std::vector<PartitionId> assigned(const std::string& instance) const;
  [[nodiscard]] std::vector<PartitionId> incomplete(const std::string& instance) const;
  // Its topics are with two members in this generation, so that none may process it.
  [[nodiscard]] bool split(PartitionId partition) const { return split_ == partition; }
  [[nodiscard]] bool any_split() const { return split_.has_value(); }
  [[nodiscard]] bool accepts(const GroupMetadata& metadata) const;
  [[nodiscard]] bool has(const std::string& instance) const { return members_.count(instance) > 0; }

 private:
  struct Member {
    std::uint64_t number = 0;
    bool joined = false;
    std::vector<PartitionId> assigned;
    Duration heard{};
    std::vector<PartitionId> incomplete = {};
  };
  void complete();
  void split_one();

  Sim& sim_;
  std::map<std::string, Member> members_;
  bool rebalancing_ = false;
  std::optional<PartitionId> split_;
  std::uint64_t generation_ = 0, last_member_ = 0;
};

}  // namespace proactive::simulation
