#include "rules/engine/compile_rules.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "models/base/check.h"
#include "rules/engine/digest.h"
#include "rules/engine/lint_rules.h"
#include "rules/engine/measure_layout.h"
#include "rules/engine/measure_unit.h"
#include "rules/engine/template.h"

namespace proactive::rules {
namespace {

constexpr std::size_t kMaxRulesPerSignal = 64;
constexpr std::size_t kMaxMeasures = 65535;
constexpr Duration kDefaultCooldown = std::chrono::hours(24);

// A day's rhythm is known once three days are learnt, a week's after most of two weeks; until then a plain level would
// take each evening or weekend for a change.
// `full` looks for the day's rhythm by itself, and without a day behind it takes the first morning for news.
std::uint32_t samples_of_season(Season season, ModelSet models, Duration step) {
  constexpr Duration kDay = std::chrono::hours(24), kDays = 3 * kDay, kWeeks = 12 * kDay;
  switch (season) {
    case Season::none:
      return models == ModelSet::full ? static_cast<std::uint32_t>(kDay / step) : 0;
    case Season::day:
      return static_cast<std::uint32_t>(kDays / step);
    case Season::week:
      return static_cast<std::uint32_t>(kWeeks / step);
  }
  return 0;
}

Direction merged(Direction a, Direction b) { return a == b ? a : Direction::either; }

class Compiler {
 public:
  Compiler(const SignalCatalogue& catalogue, const CompileOptions& options, config::Findings& findings)
      : catalogue_(catalogue), options_(options), findings_(findings) {
    set_->entity_types = catalogue.entity_types;
    set_->time_zone = options.time_zone;
    for (const auto& [name, type] : catalogue.profile_fields) set_->profile_fields.push_back(name);
  }

  void add(const RuleDraft& draft) {
    Rule rule;
    rule.name = draft.name.value;
    rule.summary = draft.summary;
    rule.digest = draft.digest;
    rule.category = draft.category;
    rule.index = static_cast<RuleIndex>(set_->rules.size());
    PROACTIVE_CHECK(catalogue_.find_entity(draft.per.value, rule.per) != nullptr);
    for (const PredicateDraft& predicate : draft.only_for) rule.only_for.push_back(predicate.predicate);
    const MeasureLayout layout = lay_out_measures(draft);
    rule.measures.resize(layout.size);
    add_declared(draft, layout, rule);
    rule.when = compile_condition(draft, layout, rule);
    rule.hold = draft.hold.value;
    rule.keep_firing_for = draft.keep_firing_for.value;
    rule.no_data = draft.no_data.value;
    rule.severity = draft.severity;
    rule.on_close = evaluates_on_close(draft);
    rule.rollout = options_.all_live ? Rollout::live : draft.rollout.value;
    rule.outreach = compile_outreach(draft, layout);
    index_rule(rule, draft);
    set_->rules.push_back(std::move(rule));
  }

  std::shared_ptr<const RuleSet> finish() {
    if (!fits_) return nullptr;
    std::string text = fmt::format("time_zone {} all_live {};", options_.time_zone, options_.all_live);
    for (const EntityType& entity : set_->entity_types) {
      append_quoted(text, entity.name);
      append_quoted(text, entity.key_dim);
    }
    for (const std::string& field : set_->profile_fields) append_quoted(text, field);
    for (const Measure& measure : set_->measures) text += measure.hash_hex;
    for (const Rule& rule : set_->rules) {
      append_quoted(text, rule.category);
      append_quoted(text, rule.digest);
      for (const RuleMeasure& measure : rule.measures) text += set_->measures[measure.plan].hash_hex;
    }
    set_->hash = digest64(text);
    return set_;
  }

 private:
  void add_declared(const RuleDraft& draft, const MeasureLayout& layout, Rule& rule) {
    for (std::size_t i = 0; i < draft.measures.size(); ++i) {
      if (!layout.of_declared[i]) continue;
      const MeasureDraft& source = draft.measures[i];
      rule.measures[*layout.of_declared[i]] = {source.name.value,
                                               add_measure(draft, i, layout.modelling[i], rule.per)};
    }
  }

  MeasureIndex add_measure(const RuleDraft& draft, std::size_t declared, Modelling modelling,
                           EntityTypeIndex per) {
    const MeasureDraft& source = draft.measures[declared];
    Measure measure;
    {
      measure.function = source.function;
      measure.per = per;
      measure.modelling = modelling;
      measure.signal = signal_index(source.signal.value);
      measure.signal_name = source.signal.value;
      measure.over = source.over.value;
      measure.step = step_of(source);
      measure.unit = value_unit(source, catalogue_)->unit;
      if (source.denominator) measure.denominator = signal_index(source.denominator->value);
      for (const auto& [signal, number] : source.needs) {
        if (source.denominator && signal.value == source.denominator->value) {
          measure.needs_denominator = number;
        } else {
          measure.needs_signal = static_cast<std::uint32_t>(number);
        }
      }
      bool first = true;
      for (const LeafDraft& leaf : draft.when.leaves) {
        if (const auto* together = std::get_if<TogetherDraft>(&leaf.test);
            together != nullptr && modelling == Modelling::level) {
          const std::vector<std::size_t> read = measures_read(draft, leaf);
          if (std::find(read.begin(), read.end(), declared) != read.end()) measure.season = together->season;
        }
        const auto* unusual = std::get_if<UnusualDraft>(&leaf.test);
        if (modelling != Modelling::level || unusual == nullptr || unusual->stuck ||
            declared_measure(draft, leaf) != declared) {
          continue;
        }
        measure.direction = first ? unusual->direction : merged(measure.direction, unusual->direction);
        measure.season = unusual->season;
        measure.models = std::max(measure.models, unusual->models);
        measure.repeats = unusual->repeats;
        first = false;
      }
    }
    return measure_index(std::move(measure));
  }

  Condition compile_condition(const RuleDraft& draft, const MeasureLayout& layout, Rule& rule) {
    Condition condition;
    condition.op = draft.when.op;
    condition.groups = draft.when.groups;
    for (std::size_t i = 0; i < draft.when.leaves.size(); ++i) {
      const LeafDraft& source = draft.when.leaves[i];
      Leaf leaf;
      leaf.id = source.id.value;
      leaf.measure = *layout.of_leaf[i];
      if (const auto* missing = std::get_if<MissingDraft>(&source.test)) {
        rule.measures[leaf.measure] = {leaf.id, add_missing(*missing, rule.per)};
        leaf.test = Missing{missing->for_longer_than.value, missing->once_seen_within.value,
                            missing->unless_pipeline_late};
      } else if (const auto* together = std::get_if<TogetherDraft>(&source.test)) {
        leaf.test = add_together(draft, layout, measures_read(draft, source), *together, leaf, rule);
      } else {
        const std::size_t declared = *declared_measure(draft, source);
        const MeasureDraft& measure = draft.measures[declared];
        const ValueUnit unit = *value_unit(measure, catalogue_);
        if (leaf.measure != layout.of_declared[declared]) {  // another kind of model than the measure's own
          rule.measures[leaf.measure] = {measure.name.value,
                                         add_measure(draft, declared, modelling_of(source), rule.per)};
        }
        if (const auto* threshold = std::get_if<ThresholdDraft>(&source.test)) {
          const LimitDraft& clear = threshold->clear ? *threshold->clear : *threshold->open;
          leaf.test =
              Threshold{threshold->above, compile_limit(*threshold->open, unit), compile_limit(clear, unit)};
        } else if (const auto* reaches = std::get_if<ReachesDraft>(&source.test)) {
          leaf.test = Reaches{compile_limit(*reaches->limit, unit), reaches->from_below,
                              reaches->within.value, reaches->confidence};
        } else {
          const auto& unusual = std::get<UnusualDraft>(source.test);
          const double absolute = unusual.min_absolute ? *in_unit(unusual.min_absolute->value, unit) : 0;
          leaf.test = Unusual{unusual.direction,
                              unusual.theta,
                              absolute,
                              unusual.min_relative.value,
                              samples_of_season(unusual.season, unusual.models, step_of(measure)),
                              unusual.stuck};
        }
      }
      condition.leaves.push_back(std::move(leaf));
    }
    return condition;
  }

  static Limit compile_limit(const LimitDraft& limit, const ValueUnit& unit) {
    if (const auto* field = std::get_if<std::string>(&limit.value)) return {0, *field};
    return {*in_unit(std::get<config::Quantity>(limit.value), unit), std::nullopt};
  }

  MeasureIndex add_missing(const MissingDraft& missing, EntityTypeIndex per) {
    Measure measure;
    measure.function = MeasureFunction::missing;
    measure.per = per;
    measure.signal = signal_index(missing.signal.value);
    measure.signal_name = missing.signal.value;
    measure.over = measure.step = missing.for_longer_than.value;
    return measure_index(std::move(measure));
  }

  // The joint series of measures that the rule has already.
  Together add_together(const RuleDraft& draft, const MeasureLayout& layout,
                        const std::vector<std::size_t>& read, const TogetherDraft& source, const Leaf& leaf,
                        Rule& rule) {
    Together together;
    together.theta = source.theta;
    Measure measure;
    measure.function = MeasureFunction::together;
    measure.per = rule.per;
    measure.unit = Unit::none;
    for (const std::size_t declared : read) {
      const std::uint8_t slot = *layout.of_declared[declared];
      together.members.push_back(slot);
      measure.members.push_back(rule.measures[slot].plan);
      measure.over = std::max(measure.over, draft.measures[declared].over.value);
      measure.step = step_of(draft.measures[declared]);
    }
    rule.measures[leaf.measure] = {leaf.id, measure_index(std::move(measure))};
    return together;
  }

  std::optional<OutreachSpec> compile_outreach(const RuleDraft& draft, const MeasureLayout& layout) {
    if (!draft.outreach) return std::nullopt;
    const OutreachDraft& source = *draft.outreach;
    const TemplateScope scope = template_scope(draft, layout, catalogue_);
    OutreachSpec outreach;
    outreach.audience = source.audience;
    outreach.title_text = source.title->value;
    outreach.title = parse_template(*source.title, scope, findings_);
    if (source.advice) {
      outreach.advice_text = source.advice->value;
      outreach.advice = parse_template(*source.advice, scope, findings_);
    }
    if (source.playbook) outreach.playbook = source.playbook->value;
    outreach.cooldown = source.cooldown ? source.cooldown->value : kDefaultCooldown;
    return outreach;
  }

  // Only signals that some rule reads are compiled; records of all others are dropped by their type alone.
  SignalIndex signal_index(const std::string& name) {
    const auto known = signals_.find(name);
    if (known != signals_.end()) return known->second;
    const CatalogueSignal& entry = *catalogue_.find_signal(name);
    const auto index = static_cast<SignalIndex>(set_->signals.size());
    signals_.emplace(name, index);
    const auto [type, added] =
        set_->type_by_name.emplace(entry.type, static_cast<TypeIndex>(set_->event_types.size()));
    if (added) {
      set_->event_types.push_back(entry.type);
      set_->signals_by_type.emplace_back();
    }
    set_->signals.push_back(entry.signal);
    set_->signals.back().type = type->second;
    set_->signals_by_type[type->second].push_back(index);
    set_->measures_by_signal.emplace_back();
    return index;
  }

  [[nodiscard]] std::string canonical(const Measure& m) const {
    if (m.function == MeasureFunction::together) {
      std::string members = "together";
      for (const MeasureIndex member : m.members) members += ' ' + set_->measures[member].hash_hex;
      return members;
    }
    std::string text =
        fmt::format("{} over {} step {} needs {} {} unit {} ", static_cast<int>(m.function), m.over.count(),
                    m.step.count(), m.needs_signal, m.needs_denominator, static_cast<int>(m.unit));
    append_quoted(text, set_->entity_types[m.per].name);
    append_quoted(text, m.signal_name);
    text += catalogue_.find_signal(m.signal_name)->canonical;
    if (m.function == MeasureFunction::ratio) {
      const std::string& whole = set_->signals[m.denominator].name;
      append_quoted(text, whole);
      text += catalogue_.find_signal(whole)->canonical;
    }
    if (m.modelling == Modelling::stuck) text += " stuck";
    if (m.modelling == Modelling::trend) text += " trend";
    if (m.models == ModelSet::full) text += " full";
    if (m.repeats == Repeats::familiar) text += " familiar";
    if (m.modelling == Modelling::level) {
      text += fmt::format(" season {} direction {} zone ", static_cast<int>(m.season),
                          static_cast<int>(m.direction));
      append_quoted(text, m.season == Season::none && !m.in_local_time() ? "" : options_.time_zone);
    }
    return text;
  }

  MeasureIndex measure_index(Measure measure) {
    measure.hash = digest64(canonical(measure));
    const auto [known, added] =
        measures_.emplace(measure.hash, static_cast<MeasureIndex>(set_->measures.size()));
    if (!added) return known->second;
    fits_ = fits_ && set_->measures.size() < kMaxMeasures;
    measure.hash_hex = hex16(measure.hash);
    // A joint series moves when its members close, not with a record.
    if (measure.function != MeasureFunction::together)
      set_->measures_by_signal[measure.signal].push_back(known->second);
    if (measure.function == MeasureFunction::ratio)
      set_->measures_by_signal[measure.denominator].push_back(known->second);
    set_->rules_by_measure.emplace_back();
    set_->measures.push_back(std::move(measure));
    return known->second;
  }

  void index_rule(const Rule& rule, const RuleDraft& draft) {
    std::vector<SignalIndex> signals;
    for (const RuleMeasure& used : rule.measures) {
      const Measure& measure = set_->measures[used.plan];
      std::vector<RuleIndex>& rules = set_->rules_by_measure[used.plan];
      if (rules.empty() || rules.back() != rule.index) rules.push_back(rule.index);
      if (measure.function == MeasureFunction::together) continue;
      signals.push_back(measure.signal);
      if (measure.function == MeasureFunction::ratio) signals.push_back(measure.denominator);
    }
    std::sort(signals.begin(), signals.end());
    signals.erase(std::unique(signals.begin(), signals.end()), signals.end());
    for (const SignalIndex signal : signals) {
      if (++rules_of_signal_[signal] != kMaxRulesPerSignal + 1) continue;
      findings_.add(
          "E604", draft.name.place,
          fmt::format("more than {} rules read signal '{}'", kMaxRulesPerSignal, set_->signals[signal].name));
      fits_ = false;
    }
  }

  const SignalCatalogue& catalogue_;
  const CompileOptions& options_;
  config::Findings& findings_;
  std::shared_ptr<RuleSet> set_ = std::make_shared<RuleSet>();
  std::map<std::string, SignalIndex> signals_;
  std::map<std::uint64_t, MeasureIndex> measures_;
  std::map<SignalIndex, std::size_t> rules_of_signal_;
  bool fits_ = true;
};

}  // namespace

std::shared_ptr<const RuleSet> compile_rules(const std::vector<RuleDraft>& drafts,
                                             const SignalCatalogue& catalogue, const CompileOptions& options,
                                             config::Findings& findings) {
  Compiler compiler(catalogue, options, findings);
  for (const RuleDraft& draft : drafts) compiler.add(draft);
  return compiler.finish();
}

}  // namespace proactive::rules
