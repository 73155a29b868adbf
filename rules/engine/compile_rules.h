// Drafts without errors to the RuleSet that pipelines run: names become indexes, equal measures become one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/engine/rule_draft.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

struct CompileOptions {
  std::string time_zone = "Etc/UTC";
  bool all_live = false;
};

// REQUIRES: lint_rules found no error in the drafts. nullptr, with a finding, when the set as a whole breaks a limit.
[[nodiscard]] std::shared_ptr<const RuleSet> compile_rules(const std::vector<RuleDraft>& drafts,
                                                           const SignalCatalogue& catalogue,
                                                           const CompileOptions& options,
                                                           config::Findings& findings);

}  // namespace proactive::rules
