#include <array>

#include <fmt/format.h>

#include "rules/engine/lint_condition.h"
#include "rules/engine/measure_unit.h"
#include "rules/engine/parse_condition.h"

namespace proactive::rules {
namespace {

using config::Findings;

constexpr std::array<std::string_view, 10> kFunctionNames{"count", "sum",  "mean",  "min",     "max",
                                                          "last",  "rate", "ratio", "missing", "together"};
constexpr std::array<std::string_view, 4> kKindNames{"count", "gauge", "counter", "event"};
constexpr std::array<std::string_view, 4> kFunctionsOfKind{"count, rate, ratio", "sum, mean, min, max, last",
                                                           "sum, rate", "count, missing"};

bool fits(MeasureFunction function, CatalogueKind kind) {
  switch (function) {
    case MeasureFunction::count:
      return kind == CatalogueKind::count || kind == CatalogueKind::event;
    case MeasureFunction::rate:
      return kind == CatalogueKind::count || kind == CatalogueKind::counter;
    case MeasureFunction::ratio:
      return kind == CatalogueKind::count;
    case MeasureFunction::sum:
      return kind == CatalogueKind::gauge || kind == CatalogueKind::counter;
    case MeasureFunction::mean:
    case MeasureFunction::min:
    case MeasureFunction::max:
    case MeasureFunction::last:
      return kind == CatalogueKind::gauge;
    case MeasureFunction::missing:
      return kind == CatalogueKind::event;
    case MeasureFunction::together:
      break;
  }
  return false;
}

void check_signal(const WrittenName& name, MeasureFunction function, const SignalCatalogue& catalogue,
                  Findings& findings) {
  const CatalogueSignal* entry = known_signal(name, catalogue, findings);
  if (entry == nullptr || fits(function, entry->signal.kind)) return;
  const auto kind = static_cast<std::size_t>(entry->signal.kind);
  findings.add("E411", name.place,
               fmt::format("'{}' of signal '{}', which is a {}",
                           kFunctionNames[static_cast<std::size_t>(function)], name.value, kKindNames[kind]),
               fmt::format("a {} has {}", kKindNames[kind], kFunctionsOfKind[kind]));
}

void check_needs(const MeasureDraft& measure, Findings& findings) {
  bool of_denominator = false;
  for (const auto& [signal, number] : measure.needs) {
    const bool denominator = measure.denominator && signal.value == measure.denominator->value;
    of_denominator = of_denominator || denominator;
    if (denominator || signal.value == measure.signal.value || measure.signal.value.empty()) continue;
    findings.add(
        "E506", signal.place,
        fmt::format("measure '{}' needs '{}', which it does not read", measure.name.value, signal.value),
        measure.denominator ? "name its part or its whole"
                            : fmt::format("it reads '{}'", measure.signal.value));
  }
  if (measure.function == MeasureFunction::ratio && !of_denominator && measure.needs.empty()) {
    findings.add(
        "W504", measure.name.place,
        fmt::format("ratio '{}' has no 'needs': a single event can make it 100%", measure.name.value),
        measure.denominator && !measure.denominator->value.empty()
            ? fmt::format("for example needs: {{{}: 100}}", measure.denominator->value)
            : std::string());
  }
}

}  // namespace

const CatalogueSignal* known_signal(const WrittenName& name, const SignalCatalogue& catalogue,
                                    Findings& findings) {
  if (name.value.empty()) return nullptr;
  const CatalogueSignal* entry = catalogue.find_signal(name.value);
  if (entry != nullptr) return entry;
  std::vector<std::string_view> legal;
  for (const auto& [known, signal] : catalogue.signals) legal.push_back(known);
  const std::string nearest = nearest_of(name.value, legal);
  findings.add("E401", name.place, fmt::format("unknown signal '{}'", name.value),
               nearest.empty() ? "signals are declared in the signal catalogue" : nearest);
  return nullptr;
}

void lint_measures(const RuleDraft& draft, const MeasureLayout& layout, const SignalCatalogue& catalogue,
                   Findings& findings) {
  // A condition that could not be read, or names no measure, might have used any of them.
  bool conditions_known = draft.when.complete;
  for (const LeafDraft& leaf : draft.when.leaves) {
    const auto* together = std::get_if<TogetherDraft>(&leaf.test);
    const std::size_t named = together != nullptr ? together->measures.size() : leaf.measure ? 1 : 0;
    conditions_known = conditions_known && measures_read(draft, leaf).size() == named;
  }
  for (std::size_t i = 0; i < draft.measures.size(); ++i) {
    const MeasureDraft& measure = draft.measures[i];
    for (const std::string_view word : {"customer", "entity", "last_seen"}) {
      if (measure.name.value != word) continue;
      findings.add(
          "E407", measure.name.place,
          fmt::format("a measure can't be called '{}': texts use that name for something else", word));
    }
    if (conditions_known && !measure.name.value.empty() && !layout.of_declared[i]) {
      findings.add("W409", measure.name.place,
                   fmt::format("measure '{}' is not used by any condition or text", measure.name.value));
    }
    check_signal(measure.signal, measure.function, catalogue, findings);
    if (measure.denominator) {
      check_signal(*measure.denominator, measure.function, catalogue, findings);
      if (!measure.signal.value.empty() && measure.signal.value == measure.denominator->value) {
        findings.add("E501", measure.denominator->place,
                     fmt::format("the share of '{}' in itself is always 100%", measure.signal.value));
      }
    }
    check_needs(measure, findings);
  }
}

}  // namespace proactive::rules
