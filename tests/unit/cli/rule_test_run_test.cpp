#include "daemon/cli/rule_test_run.h"

#include <doctest/doctest.h>

#include <string>

#include "config/loader/config_tree.h"
#include "rules/engine/load_rules.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::daemon {
namespace {

constexpr const char* kSignals = R"(version: 1
signals:
  requests: { type: api.requests, kind: count }
  errors: { type: api.errors, kind: count }
)";

constexpr const char* kRules = R"(version: 1
team: platform
rules:
- name: many_errors
  summary: More than a quarter of the requests fails.
  per: customer
  measures:
    share: { ratio: [errors, requests], over: 1h, step: 15m, needs: { requests: 100 } }
  when: { id: level, measure: share, above: 25%, clear_below: 10% }
  for: 30m
  keep_firing_for: 30m
  severity: high
  outreach:
    audience: support
    title: "${share} of requests fail"
    cooldown: 24h
  rollout: live
)";

// An hour of health, three of trouble, four of health: acme alone.
constexpr const char* kGiven = R"(version: 1
rules: [many_errors.yaml]
tests:
- name: t
  given:
  - { signal: requests, customer: [acme, other], every: 5m, values: 20*96 }
  - { signal: errors, customer: acme, every: 5m, values: 1*12 10*36 1*48 }
  - { signal: errors, customer: other, every: 5m, values: 1*96 }
  expect:
  - )";

// The sentences of what a test with this one expectation finds unmet.
std::string unmet(const std::string& expectation) {
  config::Findings findings;
  const auto rules = rules::compile_rule_texts({{"signals.yaml", kSignals, false}},
                                               {{"many_errors.yaml", kRules, true}}, {}, findings);
  const auto file = rules::parse_test_file("many_errors.test.yaml", kGiven + expectation + "\n", findings);
  rules::SignalCatalogue catalogue;
  const auto tree = config::read_tree("signals.yaml", kSignals, findings);
  rules::parse_signals(*tree, catalogue, findings);
  INFO(findings.render_text());
  REQUIRE(rules != nullptr);
  REQUIRE(file.has_value());
  const rules::TestCase& test = file->tests.at(0);

  std::string sentences;
  for (const UnmetExpectation& problem : run_rule_test(test, rules::records_of(test, catalogue), rules)) {
    sentences += problem.sentence + "\n";
  }
  return sentences;
}

TEST_CASE("expectations that hold are met in silence") {
  for (const char* expectation : {
           "{ at: 1h, rule: many_errors, customer: acme, state: ok }",
           "{ at: 3h, rule: many_errors, customer: acme, state: firing, because: [level, share] }",
           "{ at: 3h, rule: many_errors, customer: other, state: ok }",
           "{ at: 8h, rule: many_errors, customer: acme, state: ok }",
           "{ from: 0m, to: 90m, nothing: true }",
           "{ count: outreach, rule: many_errors, is: 1 }",
           "{ count: episodes, is: 1 }",
           "{ count: decisions, at_least: 2 }",
       }) {
    CAPTURE(expectation);
    CHECK(unmet(expectation) == "");
  }
}

TEST_CASE("an expectation that does not hold says what came instead") {
  const struct {
    const char* expectation;
    const char* sentence;
  } rows[] = {
      {"{ at: 3h, rule: many_errors, customer: acme, state: ok }",
       "at 3h rule 'many_errors' is firing for acme, not ok\n"},
      {"{ at: 3h, rule: many_errors, customer: other, state: firing }",
       "at 3h rule 'many_errors' is ok for other, not firing\n"},
      {"{ count: outreach, rule: many_errors, is: 2 }", "1 outreach, not 2\n"},
      {"{ count: episodes, at_most: 0 }", "1 episodes, more than 0\n"},
      {"{ count: decisions, at_least: 100 }", nullptr},
      {"{ from: 0m, to: 8h, nothing: true }", nullptr},
      {"{ at: 3h, rule: many_errors, customer: acme, state: firing, because: [no_such_word] }", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.expectation);
    const std::string said = unmet(row.expectation);
    CHECK(said != "");
    if (row.sentence != nullptr) CHECK(said == row.sentence);
  }
}

}  // namespace
}  // namespace proactive::daemon
