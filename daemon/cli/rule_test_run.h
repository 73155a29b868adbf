// Runs one test of a `<rule>.test.yaml`: its records through a Pipeline, its expectations against what came out.
//
// The pipeline is the daemon's own; time is that of the records, so a test of weeks takes milliseconds. Between records
// nothing moves the watermark; once the last record has arrived, time goes on alone to the expectations behind it.
// Pure but for the Pipeline.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/engine/rule.h"
#include "rules/engine/test_file.h"

namespace proactive::daemon {

struct UnmetExpectation {
  config::Place place;
  std::string sentence;  // what was expected and what came instead
};

// `records`: rules::records_of(test, ...).
[[nodiscard]] std::vector<UnmetExpectation> run_rule_test(const rules::TestCase& test,
                                                          const std::vector<rules::TestRecord>& records,
                                                          std::shared_ptr<const rules::RuleSet> rules);

}  // namespace proactive::daemon
