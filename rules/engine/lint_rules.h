// All that is wrong with rules beyond their shape: references, meaning, limits, safety (classes 4 to 7 of rules.md 9).
#pragma once

#include <vector>

#include "rules/engine/rule_draft.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

void lint_rules(const std::vector<RuleDraft>& drafts, const SignalCatalogue& catalogue, Duration lateness,
                config::Findings& findings);

// `evaluate: auto`: at every event if all conditions are thresholds and none looks below at something that is still
// adding up in the open bucket.
[[nodiscard]] bool evaluates_on_close(const RuleDraft& draft);

}  // namespace proactive::rules
