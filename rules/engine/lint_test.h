// What is wrong with a test beyond its shape: names that nothing answers to, so that an expectation would be met for nothing,
// and values that never reach a rule.
#pragma once

#include "rules/engine/rule.h"
#include "rules/engine/signal_catalogue.h"
#include "rules/engine/test_file.h"

namespace proactive::rules {

// E401, E301: signals and entities given; E403: profile fields; E405, E412: rules, customers and things that expectations
// name; W505: values outside of the signal's range. `rules`: those that the test loads.
void lint_test(const TestFile& file, const SignalCatalogue& catalogue, const RuleSet& rules,
               config::Findings& findings);

}  // namespace proactive::rules
