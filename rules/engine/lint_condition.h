// What is wrong with a rule's measures and conditions once names are looked up (classes 4 and 5 of rules.md 9).
#pragma once

#include "rules/engine/measure_layout.h"
#include "rules/engine/rule_draft.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

void lint_measures(const RuleDraft& draft, const MeasureLayout& layout, const SignalCatalogue& catalogue,
                   config::Findings& findings);
void lint_condition(const RuleDraft& draft, const SignalCatalogue& catalogue, config::Findings& findings);

// E401 with the nearest name; nullptr if there is no such signal. An empty name has its finding already.
const CatalogueSignal* known_signal(const WrittenName& name, const SignalCatalogue& catalogue,
                                    config::Findings& findings);

}  // namespace proactive::rules
