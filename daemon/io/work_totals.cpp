#include "daemon/io/work_totals.h"

#include <algorithm>

namespace proactive::daemon {
namespace {

using Field = std::uint64_t PipelineCounts::*;

constexpr Field kWork[] = {
    &PipelineCounts::records,          &PipelineCounts::telemetry,
    &PipelineCounts::unused_signals,   &PipelineCounts::unmatched,
    &PipelineCounts::out_of_range,     &PipelineCounts::profiles,
    &PipelineCounts::stale_profiles,   &PipelineCounts::late,
    &PipelineCounts::duplicates,       &PipelineCounts::clock_ahead,
    &PipelineCounts::counter_resets,   &PipelineCounts::buckets_closed,
    &PipelineCounts::scores,           &PipelineCounts::evaluations,
    &PipelineCounts::refused_entities, &PipelineCounts::refused_series,
    &PipelineCounts::refused_episodes, &PipelineCounts::refused_full,
    &PipelineCounts::tick_full,        &PipelineCounts::blocks_reset,
    &PipelineCounts::expired,          &PipelineCounts::render_failed,
    &PipelineCounts::output_too_large, &PipelineCounts::replayed,
    &PipelineCounts::replay_differs,   &PipelineCounts::checkpoint_full,
};
constexpr Field kSizes[] = {
    &PipelineCounts::customers, &PipelineCounts::entities, &PipelineCounts::series,
    &PipelineCounts::episodes,  &PipelineCounts::orphans,
};
// A count that is added to the struct must be added to one of the lists.
static_assert(sizeof(PipelineCounts) ==
              sizeof(std::uint64_t) * (std::size(kWork) + std::size(kSizes) + kDecodeCodes));

// Counters of a pipeline only rise while it lives; a fall would be a new pipeline whose baseline was not reset.
std::uint64_t rise(std::uint64_t now, std::uint64_t before) { return now >= before ? now - before : 0; }

void add_rule(const EffectCounts::PerRule& now, const EffectCounts::PerRule& before,
              EffectCounts::PerRule& sum) {
  if (!now.changed) return;
  sum.changed = true;
  sum.opened += rise(now.opened, before.opened);
  sum.outreach_opened += rise(now.outreach_opened, before.outreach_opened);
  sum.outreach_updated += rise(now.outreach_updated, before.outreach_updated);
  sum.outreach_resolved += rise(now.outreach_resolved, before.outreach_resolved);
  sum.outreach_cancelled += rise(now.outreach_cancelled, before.outreach_cancelled);
  for (std::size_t action = 0; action < now.decisions.size(); ++action) {
    for (std::size_t reason = 0; reason < now.decisions[action].size(); ++reason) {
      sum.decisions[action][reason] += rise(now.decisions[action][reason], before.decisions[action][reason]);
    }
  }
}

}  // namespace

void WorkTotals::add(const PipelineCounts& now, PipelineCounts& counted) {
  for (const Field field : kWork) work_.*field += rise(now.*field, counted.*field);
  for (std::size_t code = 0; code < kDecodeCodes; ++code) {
    work_.rejected[code] += rise(now.rejected[code], counted.rejected[code]);
  }
  counted = now;
}

void WorkTotals::add(const EffectCounts& now, EffectCounts& counted) {
  static const EffectCounts::PerRule kNothing{};
  const std::size_t rules = std::min(now.rules.size(), effects_.size());
  for (std::size_t rule = 0; rule < rules; ++rule) {
    add_rule(now.rules[rule], rule < counted.rules.size() ? counted.rules[rule] : kNothing,
             effects_[rule].counts);
  }
  counted = now;
  published_ = nullptr;
}

void WorkTotals::use_rules(const rules::RuleSet& rules) {
  std::vector<RuleEffects> next;
  next.reserve(rules.rules.size());
  for (const rules::Rule& rule : rules.rules) {
    const auto known = std::find_if(effects_.begin(), effects_.end(),
                                    [&](const RuleEffects& old) { return old.rule == rule.name; });
    next.push_back(known != effects_.end() ? *known : RuleEffects{rule.name, {}});
  }
  effects_ = std::move(next);
  published_ = nullptr;
}

std::shared_ptr<const std::vector<RuleEffects>> WorkTotals::effects() {
  if (published_ == nullptr) published_ = std::make_shared<const std::vector<RuleEffects>>(effects_);
  return published_;
}

std::vector<DeadLetterCount> WorkTotals::dead_letters() const {
  std::vector<DeadLetterCount> all;
  for (const auto& entry : dead_letters_)
    all.push_back({entry.first.first, entry.first.second, entry.second});
  return all;
}

void add_sizes(const PipelineCounts& from, PipelineCounts& into) {
  for (const Field field : kSizes) into.*field += from.*field;
}

}  // namespace proactive::daemon
