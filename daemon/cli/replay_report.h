// What a replay tells a person when it is over: why records became dead letters, what each rule did and to how many, and which
// signals that rules read never came.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/codec/record.h"
#include "models/base/time.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

class ReplayReport {
 public:
  // Owner: the caller's thread. Cost: decisions are parsed again.
  void take(const OutputRecord& record);
  [[nodiscard]] std::uint64_t count(Channel channel) const {
    return counts_[static_cast<std::size_t>(channel)];
  }
  // What pipelines counted and did not use.
  struct Unused {
    std::uint64_t late = 0, out_of_range = 0;
    Duration lateness{};
  };
  // Lines of text. `seen`: records of each of the rule set's event types.
  [[nodiscard]] std::string text(const rules::RuleSet& rules, const std::vector<std::uint64_t>& seen,
                                 const Unused& unused) const;

 private:
  struct PerRule {
    std::uint64_t episodes = 0, sent = 0, unwritten = 0;  // unwritten: a value of its text was missing
    std::map<std::string, std::uint64_t> by_customer;     // episodes
  };
  struct PerCode {
    std::uint64_t count = 0;
    std::string first;  // place and detail
  };
  void take_decision(const OutputRecord& record);
  void take_dead_letter(const OutputRecord& record);

  std::array<std::uint64_t, kChannels> counts_{};
  std::map<std::string, PerRule, std::less<>> rules_;
  std::map<std::string, PerCode, std::less<>> codes_;
};

}  // namespace proactive::daemon
