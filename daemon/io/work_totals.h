// Sums over all pipelines of a lane, past ones included, so that counters never fall when a partition leaves.
//
// Owner and thread: one lane. Fed with differences: each partition remembers what of its counts is in the sums.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/io/lane_metrics.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

class WorkTotals {
 public:
  // Adds what `now` has beyond `counted`, then sets `counted`. Present sizes are not summed here.
  void add(const PipelineCounts& now, PipelineCounts& counted);
  void add(const EffectCounts& now, EffectCounts& counted);
  void add_dead_letter(const std::string& stage, const std::string& code) { ++dead_letters_[{stage, code}]; }

  // Rules of the same name keep their sums; those of removed rules go.
  void use_rules(const rules::RuleSet& rules);

  [[nodiscard]] const PipelineCounts& work() const { return work_; }
  [[nodiscard]] std::shared_ptr<const std::vector<RuleEffects>>
  effects();  // the same object until something changes
  [[nodiscard]] std::vector<DeadLetterCount> dead_letters() const;

 private:
  PipelineCounts work_;
  std::vector<RuleEffects> effects_;
  std::shared_ptr<const std::vector<RuleEffects>> published_;  // null: effects_ has changed
  std::map<std::pair<std::string, std::string>, std::uint64_t> dead_letters_;
};

// Adds the present sizes of one pipeline.
void add_sizes(const PipelineCounts& from, PipelineCounts& into);

}  // namespace proactive::daemon
