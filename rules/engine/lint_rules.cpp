#include "rules/engine/lint_rules.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "rules/engine/lint_condition.h"
#include "rules/engine/measure_layout.h"
#include "rules/engine/measure_unit.h"
#include "rules/engine/parse_condition.h"
#include "rules/engine/template.h"

namespace proactive::rules {
namespace {

using config::Findings;

constexpr std::size_t kMaxRules = 2000;
constexpr Duration kDefaultCooldown = std::chrono::hours(24);

bool has_unusual(const RuleDraft& draft) {
  return std::any_of(draft.when.leaves.begin(), draft.when.leaves.end(),
                     [](const LeafDraft& leaf) { return modelling_of(leaf) != Modelling::none; });
}

bool has_missing(const RuleDraft& draft) {
  return std::any_of(draft.when.leaves.begin(), draft.when.leaves.end(),
                     [](const LeafDraft& leaf) { return std::holds_alternative<MissingDraft>(leaf.test); });
}

void check_per(const RuleDraft& draft, const SignalCatalogue& catalogue, Findings& findings) {
  EntityTypeIndex index = 0;
  if (draft.per.value.empty() || catalogue.find_entity(draft.per.value, index) != nullptr) return;
  std::string names;
  std::vector<std::string_view> legal;
  for (const EntityType& entity : catalogue.entity_types) {
    names += names.empty() ? "" : ", ";
    names += entity.name;
    legal.push_back(entity.name);
  }
  const std::string nearest = nearest_of(draft.per.value, legal);
  findings.add("E301", draft.per.place,
               fmt::format("unknown value '{}' for 'per' ({})", draft.per.value, names),
               nearest.empty() ? "entities are declared in the signal catalogue" : nearest);
}

void check_only_for(const RuleDraft& draft, const SignalCatalogue& catalogue, Findings& findings) {
  for (const PredicateDraft& draft_predicate : draft.only_for) {
    const Predicate& predicate = draft_predicate.predicate;
    const auto field = catalogue.profile_fields.find(predicate.field);
    if (field == catalogue.profile_fields.end()) {
      findings.add("E403", draft_predicate.place,
                   fmt::format("unknown profile field 'customer.{}'", predicate.field),
                   catalogue.nearest_profile_field(predicate.field));
      continue;
    }
    if (predicate.op == PredicateOp::present) continue;
    const bool typed = std::all_of(predicate.values.begin(), predicate.values.end(),
                                   [&](const auto& value) { return fits(value, field->second); });
    if (typed) continue;
    findings.add("E302", draft_predicate.place,
                 fmt::format("'customer.{}' is of type {}: this value can never match it", predicate.field,
                             type_name(field->second)));
  }
}

void check_timing(const RuleDraft& draft, Findings& findings) {
  if (has_unusual(draft) && draft.on_close == std::optional(false)) {
    findings.add("E204", draft.evaluate_place,
                 "'evaluate: on_event' with an 'unusual', 'unusual_together' or 'reaches' condition, which "
                 "is judged when a bucket "
                 "closes",
                 "write auto or on_close");
  }
  if (has_missing(draft) && draft.no_data.value != NoData::hold) {
    findings.add("E204", draft.no_data.place,
                 "'no_data' with a 'missing' condition, which must stay unknown while the pipeline is late",
                 "leave it at hold");
  }
  if (draft.hold.value == Duration::zero() || !evaluates_on_close(draft)) return;
  std::optional<Duration> shortest;
  for (const LeafDraft& leaf : draft.when.leaves) {
    for (const std::size_t measure : measures_read(draft, leaf)) {
      if (draft.measures[measure].over.value == Duration::zero()) continue;
      const Duration step = step_of(draft.measures[measure]);
      shortest = shortest ? std::min(*shortest, step) : step;
    }
  }
  if (shortest && draft.hold.value < *shortest) {
    findings.add("W502", draft.hold.place,
                 fmt::format("'for' of {} is shorter than the step of {} at which the rule is evaluated",
                             format_duration(draft.hold.value), format_duration(*shortest)));
  }
}

void check_outreach(const RuleDraft& draft, const TemplateScope& scope, Findings& findings) {
  if (!draft.outreach) return;
  const OutreachDraft& outreach = *draft.outreach;
  for (const auto& text : {outreach.title, outreach.advice}) {
    if (text) (void)parse_template(*text, scope, findings);
  }
  if (outreach.audience == "customer") {
    if (!outreach.advice && !outreach.playbook) {
      findings.add("E701", outreach.place, "a message to customers needs 'advice' or a 'playbook'",
                   "say what they can do");
    }
    if (!outreach.cooldown) {
      findings.add("E702", outreach.place, "a message to customers needs an explicit 'cooldown'",
                   "for example cooldown: 7d");
    }
  }
  if (outreach.cooldown && outreach.cooldown->value < draft.hold.value) {
    findings.add("W308", outreach.cooldown->place,
                 "the cooldown is shorter than 'for', so it holds back nothing");
  } else if (!outreach.cooldown && kDefaultCooldown < draft.hold.value) {
    findings.add("W308", draft.hold.place,
                 "the default cooldown of 24h is shorter than 'for', so it holds back nothing",
                 "write a longer cooldown");
  }
}

void check_names(const std::vector<RuleDraft>& drafts, Findings& findings) {
  std::map<std::string, config::Place> first;
  for (const RuleDraft& draft : drafts) {
    if (draft.name.value.empty()) continue;
    const auto [there, added] = first.emplace(draft.name.value, draft.name.place);
    if (added) continue;
    findings.add("E407", draft.name.place,
                 fmt::format("rule '{}' is declared twice, first in {}:{}", draft.name.value,
                             there->second.file, there->second.line));
  }
  if (drafts.size() > kMaxRules) {
    findings.add("E604", drafts[kMaxRules].name.place, fmt::format("more than {} rules", kMaxRules));
  }
}

// Buckets stay open for the lateness, five minutes of clocks that run ahead and the spread of closes; a state record holds
// about eight thousand of them.
void check_open_buckets(const RuleDraft& draft, Duration lateness, Findings& findings) {
  constexpr std::int64_t kMostOpenBuckets = 7000;
  constexpr Duration kAheadAndSpread = std::chrono::minutes(6);
  for (const MeasureDraft& measure : draft.measures) {
    if (measure.over.value == Duration::zero()) continue;
    const Duration step = step_of(measure);
    const std::int64_t open = step == Duration::zero() ? 0 : (lateness + kAheadAndSpread) / step;
    if (open <= kMostOpenBuckets) continue;
    findings.add("E604", measure.step ? measure.step->place : measure.over.place,
                 fmt::format("with a lateness of {} and a step of {}, {} steps stay open (at most {})",
                             format_duration(lateness), format_duration(step), open, kMostOpenBuckets),
                 "use a longer step, or a shorter kafka.inputs.telemetry.lateness");
  }
}

}  // namespace

bool evaluates_on_close(const RuleDraft& draft) {
  if (has_unusual(draft)) return true;
  if (draft.on_close) return *draft.on_close;
  return std::any_of(draft.when.leaves.begin(), draft.when.leaves.end(), [&](const LeafDraft& leaf) {
    const auto* threshold = std::get_if<ThresholdDraft>(&leaf.test);
    const auto measure = declared_measure(draft, leaf);
    if (threshold == nullptr || threshold->above || !measure) return false;
    const MeasureFunction function = draft.measures[*measure].function;
    return function == MeasureFunction::count || function == MeasureFunction::sum ||
           function == MeasureFunction::rate;
  });
}

void lint_rules(const std::vector<RuleDraft>& drafts, const SignalCatalogue& catalogue, Duration lateness,
                Findings& findings) {
  for (const RuleDraft& draft : drafts) {
    const MeasureLayout layout = lay_out_measures(draft);
    check_per(draft, catalogue, findings);
    check_only_for(draft, catalogue, findings);
    lint_measures(draft, layout, catalogue, findings);
    lint_condition(draft, catalogue, findings);
    check_timing(draft, findings);
    check_open_buckets(draft, lateness, findings);
    check_outreach(draft, template_scope(draft, layout, catalogue), findings);
    if (draft.rollout.value == Rollout::live && !draft.has_test) {
      findings.add("W707", draft.rollout.place,
                   fmt::format("live rule '{}' has no test beside it", draft.name.value),
                   "write a test file of the same name, with .test.yaml, in the same folder");
    }
  }
  check_names(drafts, findings);
}

}  // namespace proactive::rules
