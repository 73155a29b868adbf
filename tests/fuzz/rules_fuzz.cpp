// Any bytes as a signal catalogue, a rule file and a test file: findings or a set, never a crash. What compiles is then
// evaluated once, so that a RuleSet with a broken index would show.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/check.h"
#include "rules/engine/condition.h"
#include "rules/engine/episode.h"
#include "rules/engine/lint_test.h"
#include "rules/engine/load_rules.h"
#include "rules/engine/test_file.h"

namespace {

using namespace proactive;

constexpr std::string_view kCatalogue = R"(version: 1
entities: { device: { key: device_id } }
signals:
  calls: { kind: count, where: { status: { at_least: 500 } } }
  latency: { kind: gauge, unit: ms, range: [0, 1000] }
  used: { kind: gauge, unit: bytes }
  share: { kind: gauge, unit: percent, range: [0, 100] }
  sent: { kind: counter, unit: bytes }
  beat: { kind: event }
lookups: { customer: { source: profiles, fields: { plan: text, quota: bytes, seats: number } } }
)";

class NoProfile : public rules::ProfileFacts {
 public:
  [[nodiscard]] const ScalarValue* field(std::string_view) const override { return nullptr; }
};

void run(const rules::RuleSet& set) {
  for (const rules::Rule& rule : set.rules) {
    std::vector<rules::MeasureFact> facts(rule.measures.size());
    for (const rules::RuleMeasure& measure : rule.measures)
      PROACTIVE_CHECK(measure.plan < set.measures.size());
    for (rules::MeasureFact& fact : facts) {
      fact.known = fact.scored = fact.absence_known = fact.silent = true;
      fact.value = 1e6;
      fact.score.ready = true;
      fact.score.onset = fact.score.ratio = 9;
      fact.score.direction = Direction::high;
    }
    const rules::Verdict verdict = rules::evaluate(rule, facts, NoProfile{}, false, 0);
    rules::Episode episode;
    (void)rules::advance_episode(episode, rule, verdict.truth, Timestamp(Duration(0)));
    (void)rules::episode_deadline(episode, rule);
  }
  for (const rules::Measure& measure : set.measures) {
    PROACTIVE_CHECK(measure.step > Duration::zero() && measure.over % measure.step == Duration::zero());
    PROACTIVE_CHECK(measure.signal < set.signals.size() && measure.denominator < set.signals.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const rules::RuleText catalogue{"signals.yaml", std::string(kCatalogue), false};
  const rules::RuleText input{"area/input.yaml", text, false};

  config::Findings as_rules;
  const auto set = rules::compile_rule_texts({catalogue}, {input}, {}, as_rules);
  PROACTIVE_CHECK((set != nullptr) == !as_rules.has_errors());
  if (set != nullptr) run(*set);
  (void)as_rules.render_text();

  config::Findings as_catalogue;
  (void)rules::compile_rule_texts({input}, {}, {}, as_catalogue);

  config::Findings as_test;
  const auto tests = rules::parse_test_file("input.test.yaml", text, as_test);
  if (tests) {
    const rules::SignalCatalogue known = rules::parse_catalogue_text(catalogue, as_test);
    for (const rules::TestCase& test : tests->tests) (void)rules::records_of(test, known);
    rules::lint_test(*tests, known, set == nullptr ? rules::RuleSet{} : *set, as_test);
  }
  return 0;
}
