// A test file with the rules that it names and the catalogue that they stand on, ready to run. What `test` runs and `check`
// only reads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/loader/diagnostics.h"
#include "rules/engine/rule.h"
#include "rules/engine/signal_catalogue.h"
#include "rules/engine/test_file.h"

namespace proactive::daemon {

struct RuleTestSuite {
  rules::TestFile file;
  rules::SignalCatalogue catalogue;
  std::shared_ptr<const rules::RuleSet> rules;
};

// nullopt when the test, its rules or the catalogue have errors. `of_rules` takes what is wrong with rules and catalogue.
[[nodiscard]] std::optional<RuleTestSuite> load_rule_tests(const std::string& file,
                                                           const std::vector<std::string>& signals,
                                                           config::Findings& findings,
                                                           config::Findings& of_rules);

}  // namespace proactive::daemon
