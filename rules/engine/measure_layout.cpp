#include "rules/engine/measure_layout.h"

#include <algorithm>
#include <set>

namespace proactive::rules {
namespace {

std::set<std::string> named_in_texts(const RuleDraft& draft) {
  std::set<std::string> names;
  if (!draft.outreach) return names;
  for (const auto& text : {draft.outreach->title, draft.outreach->advice}) {
    if (!text) continue;
    for (std::string& name : names_in_template(text->value)) names.insert(std::move(name));
  }
  return names;
}

}  // namespace

std::optional<std::size_t> declared_measure(const RuleDraft& draft, const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (std::size_t i = 0; i < draft.measures.size(); ++i) {
    if (draft.measures[i].name.value == name) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> declared_measure(const RuleDraft& draft, const LeafDraft& leaf) {
  return leaf.measure ? declared_measure(draft, leaf.measure->value) : std::nullopt;
}

std::vector<std::size_t> measures_read(const RuleDraft& draft, const LeafDraft& leaf) {
  std::vector<std::size_t> read;
  if (const auto measure = declared_measure(draft, leaf)) read.push_back(*measure);
  if (const auto* together = std::get_if<TogetherDraft>(&leaf.test)) {
    for (const WrittenName& name : together->measures) {
      if (const auto measure = declared_measure(draft, name.value)) read.push_back(*measure);
    }
  }
  return read;
}

Modelling modelling_of(const LeafDraft& leaf) {
  if (const auto* unusual = std::get_if<UnusualDraft>(&leaf.test))
    return unusual->stuck ? Modelling::stuck : Modelling::level;
  if (std::holds_alternative<TogetherDraft>(leaf.test)) return Modelling::level;
  return std::holds_alternative<ReachesDraft>(leaf.test) ? Modelling::trend : Modelling::none;
}

MeasureLayout lay_out_measures(const RuleDraft& draft) {
  MeasureLayout layout;
  std::vector<bool> used(draft.measures.size());
  layout.modelling.resize(draft.measures.size());
  for (const LeafDraft& leaf : draft.when.leaves) {
    const Modelling wanted = modelling_of(leaf);
    for (const std::size_t measure : measures_read(draft, leaf)) {
      used[measure] = true;
      Modelling& own = layout.modelling[measure];
      // The value and its band come from the same series, where there is a band.
      if (own == Modelling::none || wanted == Modelling::level)
        own = wanted == Modelling::none ? own : wanted;
    }
  }
  const std::set<std::string> in_texts = named_in_texts(draft);
  for (std::size_t i = 0; i < draft.measures.size(); ++i) {
    if (in_texts.contains(draft.measures[i].name.value)) used[i] = true;
  }
  layout.of_declared.resize(draft.measures.size());
  for (std::size_t i = 0; i < draft.measures.size(); ++i) {
    if (used[i]) layout.of_declared[i] = static_cast<std::uint8_t>(layout.size++);
  }
  for (const LeafDraft& leaf : draft.when.leaves) {
    if (std::holds_alternative<MissingDraft>(leaf.test) || std::holds_alternative<TogetherDraft>(leaf.test)) {
      layout.of_leaf.emplace_back(static_cast<std::uint8_t>(layout.size++));
    } else if (const auto measure = declared_measure(draft, leaf)) {
      const Modelling wanted = modelling_of(leaf);
      const bool own = wanted == Modelling::none || wanted == layout.modelling[*measure];
      if (own) {
        layout.of_leaf.push_back(layout.of_declared[*measure]);
      } else {
        layout.of_leaf.emplace_back(static_cast<std::uint8_t>(layout.size++));
      }
    } else {
      layout.of_leaf.emplace_back();
    }
  }
  return layout;
}

TemplateScope template_scope(const RuleDraft& draft, const MeasureLayout& layout,
                             const SignalCatalogue& catalogue) {
  TemplateScope scope;
  scope.catalogue = &catalogue;
  for (std::size_t i = 0; i < draft.measures.size(); ++i) {
    if (!layout.of_declared[i]) continue;
    scope.measures[draft.measures[i].name.value] = {*layout.of_declared[i],
                                                    layout.modelling[i] == Modelling::level, std::nullopt};
  }
  for (std::size_t i = 0; i < draft.when.leaves.size(); ++i) {
    const auto measure = declared_measure(draft, draft.when.leaves[i]);
    if (!measure || !layout.of_leaf[i] || modelling_of(draft.when.leaves[i]) != Modelling::trend) continue;
    const auto known = scope.measures.find(draft.measures[*measure].name.value);
    if (known != scope.measures.end()) known->second.trend = layout.of_leaf[i];
  }
  for (const LeafDraft& leaf : draft.when.leaves) {
    scope.last_seen = scope.last_seen || std::holds_alternative<MissingDraft>(leaf.test);
  }
  return scope;
}

}  // namespace proactive::rules
