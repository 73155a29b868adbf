#include "daemon/pipeline/plan_table.h"

#include <algorithm>

namespace proactive::daemon {

PlanTable::PlanTable(std::shared_ptr<const rules::RuleSet> rules, Duration open) : rules_(std::move(rules)) {
  const std::size_t measures = rules_->measures.size();
  own_by_measure_.resize(measures);
  watermark_by_measure_.resize(measures);
  once_seen_us_.resize(measures, 0);
  heeds_holes_.resize(measures, false);
  needs_activity_.resize(rules_->entity_types.size(), false);
  joints_.resize(rules_->entity_types.size());
  std::vector<bool> closes(measures, false);

  for (const rules::Rule& rule : rules_->rules) {
    bool absence = false;
    bool measured = false;
    for (const rules::Leaf& leaf : rule.when.leaves) {
      const auto* missing = std::get_if<rules::Missing>(&leaf.test);
      measured = measured || missing == nullptr;
      if (missing == nullptr) continue;
      absence = true;
      const rules::MeasureIndex plan = rule.measures[leaf.measure].plan;
      once_seen_us_[plan] = std::max(once_seen_us_[plan], std::int64_t{missing->once_seen_within.count()});
      heeds_holes_[plan] = heeds_holes_[plan] || missing->unless_pipeline_late;
    }
    const bool own = !absence && !rule.on_close;
    own_clock_.push_back(own);
    absence_only_.push_back(absence && !measured);

    std::int64_t least = INT64_MAX;
    for (const rules::RuleMeasure& used : rule.measures) {
      const rules::Measure& measure = rules_->measures[used.plan];
      const bool is_absence = measure.function == rules::MeasureFunction::missing;
      if (!is_absence) least = std::min(least, std::int64_t{measure.step.count()});
      std::vector<rules::RuleIndex>& list =
          own ? own_by_measure_[used.plan] : watermark_by_measure_[used.plan];
      if (std::find(list.begin(), list.end(), rule.index) == list.end()) list.push_back(rule.index);
      if (!own && !is_absence) closes[used.plan] = true;
    }
    least_step_us_.push_back(least);
  }
  plans_.reserve(measures + 1);
  for (std::size_t i = 0; i < measures; ++i) {
    plans_.emplace_back(*rules_, static_cast<rules::MeasureIndex>(i), open,
                        closes[i] || rules_->measures[i].modelling != rules::Modelling::none);
    if (plans_.back().joint())
      joints_[rules_->measures[i].per].push_back(static_cast<rules::MeasureIndex>(i));
    if (plans_.back().counts_zeros()) needs_activity_[rules_->measures[i].per] = true;
  }
  plans_.push_back(SeriesPlan::activity_plan());

  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const auto index = static_cast<rules::MeasureIndex>(i);
    measures_.insert_or_assign(hash_hex(index), index);
  }
  for (std::size_t i = 0; i < rules_->entity_types.size(); ++i) {
    types_.emplace(rules_->entity_types[i].name, static_cast<rules::EntityTypeIndex>(i));
  }
  for (const rules::Rule& rule : rules_->rules) rule_indexes_.emplace(rule.name, rule.index);
}

namespace {

template <class Index>
std::optional<Index> look_up(const std::unordered_map<std::string_view, Index>& in, std::string_view name) {
  const auto found = in.find(name);
  return found == in.end() ? std::nullopt : std::optional<Index>(found->second);
}

}  // namespace

std::optional<rules::EntityTypeIndex> PlanTable::type_of(std::string_view name) const {
  return look_up(types_, name);
}
std::optional<rules::MeasureIndex> PlanTable::measure_of(std::string_view hash_hex) const {
  return look_up(measures_, hash_hex);
}
std::optional<rules::RuleIndex> PlanTable::rule_of(std::string_view name) const {
  return look_up(rule_indexes_, name);
}

const std::string& PlanTable::hash_hex(rules::MeasureIndex index) const {
  static const std::string kActivity(16, '0');
  return index == activity() ? kActivity : rules_->measures[index].hash_hex;
}

}  // namespace proactive::daemon
