#include "rules/engine/lint_condition.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "models/detect/joint.h"
#include "rules/engine/condition.h"
#include "rules/engine/measure_unit.h"
#include "rules/engine/parse_condition.h"

namespace proactive::rules {
namespace {

using config::Findings;

// Reads one leaf of a rule against the catalogue.
class LeafLint {
 public:
  LeafLint(const MeasureDraft* measure, const SignalCatalogue& catalogue, Findings& findings)
      : measure_(measure), catalogue_(catalogue), findings_(findings) {
    if (measure_ != nullptr) unit_ = value_unit(*measure_, catalogue_);
  }

  void operator()(const ThresholdDraft& threshold) {
    const std::optional<double> open = check_limit(threshold.open, threshold.above, true);
    const std::optional<double> clear = check_limit(threshold.clear, threshold.above, false);
    if (!open || !clear) return;
    if (threshold.above ? *clear <= *open : *clear >= *open) return;
    findings_.add("E304", threshold.clear->place,
                  threshold.above ? "clear_below lies above the limit that opens"
                                  : "clear_above lies below the limit that opens",
                  threshold.above ? "it can be at most that limit" : "it can be at least that limit");
  }

  void operator()(const UnusualDraft& unusual) {
    if (unusual.stuck) {
      for (const WrittenName& key : unusual.of_value) {
        findings_.add("E202", key.place,
                      fmt::format("'{}' beside 'unusual: stuck', which looks at movement alone", key.value),
                      "remove it");
      }
      return;
    }
    if (unusual.repeats == Repeats::familiar && unusual.repeats_place) {
      const bool ratio = measure_ != nullptr && measure_->function == MeasureFunction::ratio;
      if (ratio || unusual.models == ModelSet::full) {
        findings_.add("E204", *unusual.repeats_place,
                      ratio ? fmt::format("'repeats: familiar' of the ratio '{}', whose model counts trials",
                                          measure_->name.value)
                            : "'repeats: familiar' beside 'models: full', whose steps, drifts and noise have "
                              "no such memory",
                      ratio ? "remove it" : "choose one of them");
      }
    }
    if (!unusual.has_min_delta) {
      findings_.add("W503", unusual.place, "'unusual' without min_delta: rare is not yet important",
                    "say what difference matters, for example min_delta: {relative: 50%}");
    }
    if (!unit_) return;
    if (unusual.min_absolute) {
      const std::optional<double> absolute = in_unit(unusual.min_absolute->value, *unit_);
      if (!absolute) {
        wrong_unit(unusual.min_absolute->place);
      } else if (*absolute > unit_->high - unit_->low) {
        findings_.add("E501", unusual.min_absolute->place,
                      fmt::format("'{}' can't differ by so much: never true", measure_->name.value));
      }
    }
    if (unusual.direction == Direction::low && unit_->low >= 0 && unusual.min_relative.value > 1) {
      findings_.add("E501", unusual.min_relative.place,
                    "no value lies more than 100% below the expected one: never true");
    }
  }

  void operator()(const ReachesDraft& reaches) {
    constexpr std::int64_t kMostBuckets = 10'000;
    check_limit(reaches.limit, reaches.from_below, false);  // the edge of the range can be reached
    if (measure_ == nullptr || measure_->over.place.line == 0 || reaches.within.place.line == 0) return;
    const Duration step = step_of(*measure_);
    if (step <= Duration::zero()) return;
    if (reaches.within.value < step) {
      findings_.add(
          "E303", reaches.within.place,
          fmt::format("shorter than the step of '{}', {}", measure_->name.value, format_duration(step)),
          "look at least one step ahead");
    } else if (reaches.within.value / step > kMostBuckets) {
      findings_.add("E303", reaches.within.place,
                    fmt::format("more than {} steps of '{}' ahead, {} each", kMostBuckets,
                                measure_->name.value, format_duration(step)),
                    "use a longer step");
    }
  }

  void operator()(const TogetherDraft&) {}  // check_together: it reads several measures

  void operator()(const MissingDraft& missing) {
    const CatalogueSignal* entry = known_signal(missing.signal, catalogue_, findings_);
    if (entry != nullptr && entry->signal.kind != CatalogueKind::event) {
      findings_.add("E411", missing.signal.place,
                    fmt::format("'missing' of signal '{}', which is no event", missing.signal.value),
                    "declare a signal of kind: event with the same type");
    }
    const auto& longer = missing.for_longer_than;
    if (longer.place.line > 0 && missing.once_seen_within.value <= longer.value) {
      findings_.add("E501", longer.place, "the silence is not shorter than once_seen_within: never true",
                    "make once_seen_within several times as long");
    }
  }

 private:
  void wrong_unit(const config::Place& place) {
    findings_.add(
        "E302", place,
        fmt::format("the unit does not fit '{}': write {}", measure_->name.value, how_to_write(*unit_)));
  }

  void check_field(const std::string& field, const config::Place& place) {
    const auto found = catalogue_.profile_fields.find(field);
    if (found == catalogue_.profile_fields.end()) {
      findings_.add("E403", place, fmt::format("unknown profile field 'customer.{}'", field),
                    catalogue_.nearest_profile_field(field));
      return;
    }
    const bool is_bytes = unit_->unit == Unit::bytes && !unit_->share;
    if (found->second == (is_bytes ? ProfileFieldType::bytes : ProfileFieldType::number)) return;
    findings_.add("E302", place,
                  fmt::format("'customer.{}' is no {} field, so it can't limit '{}'", field,
                              is_bytes ? "bytes" : "number", measure_->name.value));
  }

  // The limit in the measure's unit; nullopt for profile fields and after a finding.
  std::optional<double> check_limit(const std::optional<LimitDraft>& limit, bool above, bool opens) {
    if (!limit || !unit_) return std::nullopt;
    if (const auto* field = std::get_if<std::string>(&limit->value)) {
      check_field(*field, limit->place);
      return std::nullopt;
    }
    const std::optional<double> value = in_unit(std::get<config::Quantity>(limit->value), *unit_);
    if (!value) {
      wrong_unit(limit->place);
      return std::nullopt;
    }
    if (*value < unit_->low || *value > unit_->high) {
      findings_.add("E303", limit->place,
                    fmt::format("'{}' can only be {}", measure_->name.value, range_text()));
      return std::nullopt;
    }
    if (opens && (above ? *value >= unit_->high : *value <= unit_->low)) {
      findings_.add("E501", limit->place,
                    fmt::format("'{}' is never {} this limit: it can only be {}", measure_->name.value,
                                above ? "above" : "below", range_text()));
      return std::nullopt;
    }
    return value;
  }

  [[nodiscard]] std::string range_text() const {
    if (unit_->share) return "from 0% to 100%";
    const std::string sign = unit_->unit == Unit::percent ? "%" : "";
    if (std::isinf(unit_->high)) return fmt::format("at least {}{}", unit_->low, sign);
    if (std::isinf(unit_->low)) return fmt::format("at most {}{}", unit_->high, sign);
    return fmt::format("from {}{} to {}{}", unit_->low, sign, unit_->high, sign);
  }

  const MeasureDraft* measure_;
  const SignalCatalogue& catalogue_;
  Findings& findings_;
  std::optional<ValueUnit> unit_;
};

const MeasureDraft* measure_called(const RuleDraft& draft, const WrittenName& name, Findings& findings) {
  if (name.value.empty()) return nullptr;
  if (const auto index = declared_measure(draft, name.value)) return &draft.measures[*index];
  std::vector<std::string_view> legal;
  for (const MeasureDraft& measure : draft.measures) legal.push_back(measure.name.value);
  findings.add("E402", name.place, fmt::format("unknown measure '{}'", name.value),
               nearest_of(name.value, legal));
  return nullptr;
}

const MeasureDraft* measure_of(const RuleDraft& draft, const LeafDraft& leaf, Findings& findings) {
  return leaf.measure ? measure_called(draft, *leaf.measure, findings) : nullptr;
}

// A row of `unusual_together` has one value of each measure, all of the same moment.
void check_together(const RuleDraft& draft, const TogetherDraft& together, Findings& findings) {
  constexpr std::size_t kLeast = 2;
  const std::size_t count = together.measures.size();
  if (count > models::Joint::kMostMeasures) {
    findings.add("E604", together.place,
                 fmt::format("{} measures in one 'unusual_together' (at most {})", count,
                             models::Joint::kMostMeasures),
                 "name those that usually move together");
  } else if (count < kLeast && together.place.line > 0) {
    findings.add("E303", together.place, "'unusual_together' needs at least two measures",
                 "use 'unusual' for a single one");
  }
  std::map<std::string, bool> seen;
  const MeasureDraft* first = nullptr;
  for (const WrittenName& name : together.measures) {
    const MeasureDraft* measure = measure_called(draft, name, findings);
    if (measure == nullptr) continue;
    if (!seen.emplace(name.value, true).second) {
      findings.add("E407", name.place, fmt::format("measure '{}' stands twice in this list", name.value));
      continue;
    }
    if (measure->over.place.line == 0) continue;
    if (first == nullptr) first = measure;
    const Duration own = step_of(*measure), wanted = step_of(*first);
    if (own == wanted) continue;
    findings.add("E204", name.place,
                 fmt::format("'{}' has a step of {}, '{}' one of {}: values of one moment are compared",
                             name.value, format_duration(own), first->name.value, format_duration(wanted)),
                 "give them the same 'step'");
  }
}

void check_ids(const RuleDraft& draft, Findings& findings) {
  std::map<std::string, bool> seen;
  for (const LeafDraft& leaf : draft.when.leaves) {
    if (leaf.id.value.empty() || seen.emplace(leaf.id.value, true).second) continue;
    findings.add("E407", leaf.id.place, fmt::format("two conditions are called '{}'", leaf.id.value),
                 "give one of them an 'id'");
  }
}

// One series has one rhythm and one memory: two conditions on a measure can't ask for two.
void check_seasons(const RuleDraft& draft, Findings& findings) {
  std::map<std::string, Season> seasons;
  std::map<std::string, Repeats> repeats;
  for (const LeafDraft& leaf : draft.when.leaves) {
    if (const auto* together = std::get_if<TogetherDraft>(&leaf.test)) {
      for (const WrittenName& name : together->measures) {
        const auto [there, added] = seasons.emplace(name.value, together->season);
        if (added || there->second == together->season || name.value.empty()) continue;
        findings.add("E204", name.place, fmt::format("two seasons for measure '{}'", name.value),
                     "declare a second measure");
      }
      continue;
    }
    const auto* unusual = std::get_if<UnusualDraft>(&leaf.test);
    if (unusual == nullptr || unusual->stuck || !leaf.measure || leaf.measure->value.empty()) continue;
    const auto [first, is_first] = repeats.emplace(leaf.measure->value, unusual->repeats);
    if (!is_first && first->second != unusual->repeats) {
      findings.add(
          "E204", unusual->repeats_place.value_or(unusual->place),
          fmt::format("'repeats' of measure '{}' is news here and familiar there", leaf.measure->value),
          "declare a second measure");
    }
    const auto [there, added] = seasons.emplace(leaf.measure->value, unusual->season);
    if (added || there->second == unusual->season) continue;
    findings.add("E204", unusual->place, fmt::format("two seasons for measure '{}'", leaf.measure->value),
                 "declare a second measure");
  }
}

void check_latched_count(const RuleDraft& draft, Findings& findings) {
  std::size_t count = 0;
  for (const LeafDraft& leaf : draft.when.leaves) {
    const auto* unusual = std::get_if<UnusualDraft>(&leaf.test);
    const auto* reaches = std::get_if<ReachesDraft>(&leaf.test);
    const auto* together = std::get_if<TogetherDraft>(&leaf.test);
    if (unusual == nullptr && reaches == nullptr && together == nullptr) continue;
    if (++count != kMaxLatchedLeaves + 1) continue;
    findings.add(
        "E604",
        unusual != nullptr   ? unusual->place
        : reaches != nullptr ? reaches->place
                             : together->place,
        fmt::format("more than {} 'unusual', 'unusual_together' and 'reaches' conditions in one rule",
                    kMaxLatchedLeaves));
  }
}

// above x and below y under one `all`, with x >= y.
void check_contradictions(const RuleDraft& draft, const SignalCatalogue& catalogue, Findings& findings) {
  struct Bounds {
    std::optional<double> above, below;
  };
  const auto check = [&](const std::vector<std::uint8_t>& leaves) {
    std::map<std::size_t, Bounds> bounds;
    for (const std::uint8_t index : leaves) {
      const LeafDraft& leaf = draft.when.leaves[index];
      const auto* threshold = std::get_if<ThresholdDraft>(&leaf.test);
      const auto measure = declared_measure(draft, leaf);
      if (threshold == nullptr || !measure || !threshold->open) continue;
      const auto unit = value_unit(draft.measures[*measure], catalogue);
      const auto* quantity = std::get_if<config::Quantity>(&threshold->open->value);
      if (!unit || quantity == nullptr) continue;
      const std::optional<double> limit = in_unit(*quantity, *unit);
      if (!limit) continue;
      Bounds& both = bounds[*measure];
      std::optional<double>& side = threshold->above ? both.above : both.below;
      side = !side ? *limit : threshold->above ? std::max(*side, *limit) : std::min(*side, *limit);
      if (both.above && both.below && *both.above >= *both.below) {
        findings.add(
            "E501", threshold->open->place,
            fmt::format("'{}' is never above the one and below the other limit", leaf.measure->value));
        return;
      }
    }
  };
  std::vector<std::uint8_t> together;  // all that must hold at once
  for (const Condition::Group& group : draft.when.groups) {
    const bool conjunctive = group.op == Condition::Op::all || group.leaves.size() == 1;
    if (conjunctive && draft.when.op == Condition::Op::all)
      together.insert(together.end(), group.leaves.begin(), group.leaves.end());
    if (conjunctive && draft.when.op == Condition::Op::any) check(group.leaves);
  }
  check(together);
}

}  // namespace

void lint_condition(const RuleDraft& draft, const SignalCatalogue& catalogue, Findings& findings) {
  for (const LeafDraft& leaf : draft.when.leaves) {
    std::visit(LeafLint(measure_of(draft, leaf, findings), catalogue, findings), leaf.test);
    if (const auto* together = std::get_if<TogetherDraft>(&leaf.test))
      check_together(draft, *together, findings);
  }
  check_ids(draft, findings);
  check_seasons(draft, findings);
  check_latched_count(draft, findings);
  check_contradictions(draft, catalogue, findings);
}

}  // namespace proactive::rules
