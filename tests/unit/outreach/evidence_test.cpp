#include "daemon/outreach/evidence.h"

#include <doctest/doctest.h>

#include <limits>

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow = *parse_rfc3339("2026-11-23T09:40:00Z");

rules::Measure ratio_measure() {
  rules::Measure measure;
  measure.function = rules::MeasureFunction::ratio;
  measure.unit = rules::Unit::none;
  measure.over = 5min;
  return measure;
}

rules::Rule rule_of(std::string measure) {
  rules::Rule rule;
  rule.measures.push_back({std::move(measure), 0});
  return rule;
}

EvidencePlace place() {
  EvidencePlace where;
  where.window_end = kNow;
  where.since = kNow - 28min;
  return where;
}

}  // namespace

TEST_CASE("an unusual measure shows what was seen, what is usual and who says so") {
  rules::MeasureFact fact;
  fact.known = true;
  fact.value = 0.137;
  fact.score.ready = true;
  fact.score.expected = 0.011f;
  fact.score.high = 0.034f;
  fact.score.ratio = 4.2;
  fact.score.direction = Direction::high;
  fact.score.top = ModelId::seasonal;
  fact.score.samples = 8640;

  const Evidence evidence =
      evidence_of(rule_of("error_ratio"), {"errors", 0, rules::Unusual{}}, ratio_measure(), fact, place());

  CHECK(evidence.measure == "error_ratio");
  CHECK(evidence.window_start == kNow - 5min);
  CHECK(evidence.expected == 0.011);  // not the digits that a float gets as a double
  CHECK(evidence.score == 4.2);
  CHECK(evidence.warm);
  CHECK(evidence.samples == 8640);
  CHECK(in_words(evidence, 28min) == "Error ratio 13.7 %, usual 1.1 %, for 28 minutes.");
  CHECK(reason_code(evidence) == "ABOVE_EXPECTED_RANGE");
  CHECK(reason_detail(evidence) == "0.137 > 0.034, 4.2 times its own noise");
}

TEST_CASE("what is heard in a value's movement is told so, and no limit is claimed that was not crossed") {
  rules::MeasureFact fact;
  fact.known = true;
  fact.value = 0.02;
  fact.score.ready = true;
  fact.score.expected = 0.03F;
  fact.score.low = 0.01F;
  fact.score.high = 0.05F;
  fact.score.ratio = 2;
  fact.score.direction = Direction::low;
  const auto told = [&](ModelId top) {
    fact.score.top = top;
    return evidence_of(rule_of("errors"), {"errors", 0, rules::Unusual{}}, ratio_measure(), fact, place());
  };
  CHECK(reason_code(told(ModelId::frozen)) == "NOT_MOVING");
  CHECK(in_words(told(ModelId::frozen), 1h) == "Errors 2 %, repeating itself, usual 3 %, for 1 hour.");
  CHECK(reason_code(told(ModelId::volatility)) == "MORE_RESTLESS");
  CHECK(reason_code(told(ModelId::drift)) == "BELOW_EXPECTED_RANGE");
  CHECK(reason_detail(told(ModelId::drift)) == "0.02, expected 0.03, 2 times its own noise");
  fact.value = 0.005;
  CHECK(reason_detail(told(ModelId::ewma)) == "0.005 < 0.01, 2 times its own noise");
}

TEST_CASE("a threshold shows its limit, on the side on which it stands") {
  rules::Measure measure;
  measure.unit = rules::Unit::percent;
  rules::Threshold below;
  below.above = false;
  below.open.value = 15;
  rules::MeasureFact fact;
  fact.known = true;
  fact.value = 9;

  const Evidence evidence = evidence_of(rule_of("battery"), {"battery", 0, below}, measure, fact, place());

  CHECK(evidence.low == 15);
  CHECK_FALSE(evidence.high.has_value());
  CHECK(evidence.model == ModelId::none);
  CHECK(in_words(evidence, 3h) == "Battery 9 %, limit 15 %, for 3 hours.");
  CHECK(reason_code(evidence) == "BELOW_LIMIT");
  CHECK(reason_detail(evidence) == "9 < 15");
}

TEST_CASE("silence is told in time") {
  rules::Missing test;
  test.for_longer_than = 30min;
  EvidencePlace where = place();
  where.last_seen = kNow - 45min;

  const Evidence evidence = evidence_of(rule_of("sync_heartbeat"), {"silent", 0, test}, rules::Measure{},
                                        rules::MeasureFact{}, where);

  CHECK(evidence.observed == 2700);
  CHECK(evidence.high == 1800);
  CHECK(in_words(evidence, 15min) == "Sync heartbeat silent for 45 min, longest allowed 30 min.");
  CHECK(reason_code(evidence) == "SILENT");
}

TEST_CASE("a limit ahead is told with the time that is left, and a standstill as one") {
  rules::Measure measure;
  measure.unit = rules::Unit::percent;
  rules::Reaches reaches;
  reaches.limit.value = 100;
  reaches.within = 24h;
  rules::MeasureFact fact;
  fact.known = true;
  fact.value = 80;
  fact.trend = {true, 80, 2, 0.5};
  fact.step = 1h;
  class NoProfile : public rules::ProfileFacts {
    [[nodiscard]] const ScalarValue* field(std::string_view) const override { return nullptr; }
  } profile;
  EvidencePlace where = place();
  where.profile = &profile;

  Evidence evidence = evidence_of(rule_of("used"), {"used", 0, reaches}, measure, fact, where);
  CHECK(evidence.high == 100);
  // 20 % at 2 % an hour, and a little more: not all of the trend is believed.
  CHECK(*evidence.reached_in >= Duration(10h));
  CHECK(*evidence.reached_in < Duration(10h + 10min));
  CHECK(evidence.score_kind == ScoreKind::probability);
  CHECK(*evidence.score > 0.99);
  CHECK(in_words(evidence, 1h) == "Used 80 %, limit 100 %, reached in about 10 hours.");
  CHECK(reason_code(evidence) == "WILL_REACH_LIMIT");

  rules::Unusual stuck;
  stuck.stuck = true;
  fact.score.ready = true;
  fact.score.expected = 80;
  fact.score.ratio = 3;
  evidence = evidence_of(rule_of("battery"), {"battery", 0, stuck}, measure, fact, where);
  CHECK_FALSE(evidence.expected.has_value());
  CHECK(in_words(evidence, 3h) == "Battery 80 %, not moving as it usually does, for 3 hours.");
  CHECK(reason_code(evidence) == "NOT_MOVING");
}

TEST_CASE("what is odd together is told measure by measure, most first, and small shares are left out") {
  rules::Rule rule;
  rule.measures = {{"latency", 0}, {"use", 1}, {"backlog", 0}, {"together", 2}};
  std::vector<rules::Measure> measures(3);
  measures[0].unit = rules::Unit::ms;
  rules::Together together{2.0, {1, 0, 2}};
  std::vector<rules::MeasureFact> facts(4);
  for (int i = 0; i < 3; ++i) {
    facts[static_cast<std::size_t>(i)].known = true;
    facts[static_cast<std::size_t>(i)].score.ready = true;
  }
  facts[0].value = 262;
  facts[0].score.expected = 247;
  facts[1].value = 40;
  facts[1].score.expected = 48.6F;
  facts[3].known = true;
  facts[3].score.ready = true;
  facts[3].score.ratio = 3.2;
  facts[3].score.top = ModelId::multi;
  facts[3].contributors = {{{0, 0.53F}, {1, 0.45F}, {2, 0.02F}}};

  const std::vector<Evidence> all =
      evidence_together(rule, {"together", 3, together}, measures, facts, place());

  REQUIRE(all.size() == 2);
  CHECK(all[0].measure == "use");
  CHECK(all[0].direction == Direction::low);
  CHECK(*all[0].contribution == 0.53);
  CHECK(all[1].measure == "latency");
  CHECK(all[1].direction == Direction::high);
  CHECK(all[1].model == ModelId::multi);
  CHECK(reason_code(all[1]) == "UNUSUAL_TOGETHER");
  CHECK(in_words(all[1], 1h) ==
        "Latency 262 ms, usual 247 ms, 45 % of what is unusual together, for 1 hour.");
  CHECK(reason_detail(all[1]) == "262, expected 247, share 0.45 of 3.2 times their own noise");

  facts[3].contributors = {};  // the episode has ended, or the distance is nobody's
  CHECK(evidence_together(rule, {"together", 3, together}, measures, facts, place()).size() == 1);
}

TEST_CASE("what is not finite or not known is left out") {
  rules::MeasureFact fact;
  fact.known = true;
  fact.value = std::numeric_limits<double>::infinity();
  fact.score.ready = true;
  fact.score.expected = std::numeric_limits<float>::quiet_NaN();
  fact.score.ratio = std::numeric_limits<double>::quiet_NaN();

  const Evidence evidence =
      evidence_of(rule_of("m"), {"m", 0, rules::Unusual{}}, ratio_measure(), fact, place());

  CHECK_FALSE(evidence.observed.has_value());
  CHECK_FALSE(evidence.expected.has_value());
  CHECK_FALSE(evidence.score.has_value());
  CHECK(evidence.score_kind == ScoreKind::none);
  CHECK(reason_detail(evidence) == "no value");
}

}  // namespace proactive::daemon
