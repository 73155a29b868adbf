// What one rule set asks of a partition, by index: the layout of each measure's series and which rules look at it when.
//
// Own-clock rules (thresholds only) are evaluated at each event of their entity and may run ahead of the watermark, on
// that customer's own order of records. All others move with the watermark: when buckets close or a silence is certain.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/pipeline/series.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

class PlanTable {
 public:
  PlanTable(std::shared_ptr<const rules::RuleSet> rules, Duration open);

  [[nodiscard]] const rules::RuleSet& rules() const { return *rules_; }
  [[nodiscard]] const SeriesPlan& plan(rules::MeasureIndex index) const { return plans_[index]; }
  // One more than the rule set's measures: the last is the entities' activity.
  [[nodiscard]] std::size_t size() const { return plans_.size(); }
  [[nodiscard]] rules::MeasureIndex activity() const {
    return static_cast<rules::MeasureIndex>(plans_.size() - 1);
  }
  // Whether an entity of this type needs its activity noted.
  [[nodiscard]] bool needs_activity(rules::EntityTypeIndex type) const { return needs_activity_[type]; }
  // The joint series of such an entity.
  [[nodiscard]] const std::vector<rules::MeasureIndex>& joints(rules::EntityTypeIndex type) const {
    return joints_[type];
  }
  [[nodiscard]] const std::string& hash_hex(rules::MeasureIndex index) const;
  // What the parts of a state record's key name; nullopt: none of these rules.
  [[nodiscard]] std::optional<rules::EntityTypeIndex> type_of(std::string_view name) const;
  [[nodiscard]] std::optional<rules::MeasureIndex> measure_of(std::string_view hash_hex) const;
  [[nodiscard]] std::optional<rules::RuleIndex> rule_of(std::string_view name) const;
  [[nodiscard]] bool own_clock(rules::RuleIndex rule) const { return own_clock_[rule]; }
  // Only absence leaves: no bucket ever closes for it.
  [[nodiscard]] bool absence_only(rules::RuleIndex rule) const { return absence_only_[rule]; }
  [[nodiscard]] const std::vector<rules::RuleIndex>& own_clock_rules(rules::MeasureIndex index) const {
    return own_by_measure_[index];
  }
  [[nodiscard]] const std::vector<rules::RuleIndex>& watermark_rules(rules::MeasureIndex index) const {
    return watermark_by_measure_[index];
  }
  // The smallest step of a rule's measures: how often an open own-clock episode looks again without events.
  [[nodiscard]] std::int64_t least_step_us(rules::RuleIndex rule) const { return least_step_us_[rule]; }
  // Absence measures: the longest once_seen_within of the leaves that look at it, and whether one of them is
  // unless_pipeline_late.
  [[nodiscard]] std::int64_t once_seen_us(rules::MeasureIndex index) const { return once_seen_us_[index]; }
  [[nodiscard]] bool heeds_holes(rules::MeasureIndex index) const { return heeds_holes_[index]; }

 private:
  std::shared_ptr<const rules::RuleSet> rules_;
  std::vector<SeriesPlan> plans_;
  std::unordered_map<std::string_view, rules::EntityTypeIndex> types_;  // names live in the rule set
  std::unordered_map<std::string_view, rules::MeasureIndex> measures_;
  std::unordered_map<std::string_view, rules::RuleIndex> rule_indexes_;
  std::vector<std::vector<rules::MeasureIndex>> joints_;
  std::vector<bool> own_clock_, absence_only_, needs_activity_, heeds_holes_;
  std::vector<std::vector<rules::RuleIndex>> own_by_measure_, watermark_by_measure_;
  std::vector<std::int64_t> least_step_us_, once_seen_us_;
};

}  // namespace proactive::daemon
