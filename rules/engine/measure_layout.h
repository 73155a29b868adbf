// Which of a rule's declared measures it uses, and where each stands in Rule::measures: used ones in the order of
// declaration, then one for each `missing` and `unusual_together` condition, and one more where a measure needs two kinds
// of model.
#pragma once

#include <optional>
#include <vector>

#include "rules/engine/rule_draft.h"
#include "rules/engine/signal_catalogue.h"
#include "rules/engine/template.h"

namespace proactive::rules {

struct MeasureLayout {
  std::vector<std::optional<std::uint8_t>>
      of_declared;                                   // by position in RuleDraft::measures; nullopt: unused
  std::vector<std::optional<std::uint8_t>> of_leaf;  // by leaf; nullopt: its measure is unknown
  std::vector<Modelling> modelling;                  // by declared measure: what its own slot keeps
  std::size_t size = 0;
};

// What a condition asks of the series that it reads; of `unusual_together`: of each.
[[nodiscard]] Modelling modelling_of(const LeafDraft& leaf);
[[nodiscard]] MeasureLayout lay_out_measures(const RuleDraft& draft);
[[nodiscard]] TemplateScope template_scope(const RuleDraft& draft, const MeasureLayout& layout,
                                           const SignalCatalogue& catalogue);

// The declared measure of that name.
[[nodiscard]] std::optional<std::size_t> declared_measure(const RuleDraft& draft, const std::string& name);
// That a leaf names; nullopt for `missing`, `unusual_together` and unknown names.
[[nodiscard]] std::optional<std::size_t> declared_measure(const RuleDraft& draft, const LeafDraft& leaf);
// All declared measures that a leaf reads, in the order of the leaf; unknown names are left out.
[[nodiscard]] std::vector<std::size_t> measures_read(const RuleDraft& draft, const LeafDraft& leaf);

}  // namespace proactive::rules
