#include "rules/engine/condition.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace proactive::rules {

std::ostream& operator<<(std::ostream& out, Truth truth) { return out << static_cast<int>(truth); }

namespace {

using namespace std::chrono_literals;

class Profile : public ProfileFacts {
 public:
  std::map<std::string, ScalarValue, std::less<>> fields;

  [[nodiscard]] const ScalarValue* field(std::string_view name) const override {
    const auto found = fields.find(name);
    return found == fields.end() ? nullptr : &found->second;
  }
};

MeasureFact value_of(double value) {
  MeasureFact fact;
  fact.known = true;
  fact.value = value;
  return fact;
}

MeasureFact unknown_value() { return {}; }

MeasureFact scored(double value, double expected, double onset, double ratio,
                   Direction direction = Direction::high) {
  MeasureFact fact = value_of(value);
  fact.scored = true;
  fact.score.ready = true;
  fact.score.expected = static_cast<float>(expected);
  fact.score.onset = onset;
  fact.score.ratio = ratio;
  fact.score.direction = direction;
  return fact;
}

MeasureFact silence(bool silent, bool known = true) {
  MeasureFact fact;
  fact.silent = silent;
  fact.absence_known = known;
  return fact;
}

Threshold above(double open, double clear) { return {true, {open, {}}, {clear, {}}}; }
Threshold below(double open, double clear) { return {false, {open, {}}, {clear, {}}}; }

using LeafTest = std::variant<Threshold, Unusual, Reaches, Together, Missing>;

// One group of leaves, each on a measure of its own.
Rule rule_of(std::vector<LeafTest> tests, Condition::Op op = Condition::Op::all) {
  Rule rule;
  rule.when.groups.push_back({op, {}});
  for (LeafTest& test : tests) {
    const auto index = static_cast<std::uint8_t>(rule.when.leaves.size());
    rule.when.leaves.push_back({"leaf" + std::to_string(index), index, std::move(test)});
    rule.when.groups.back().leaves.push_back(index);
  }
  return rule;
}

Truth truth_of(const Rule& rule, const std::vector<MeasureFact>& facts, bool open = false,
               const Profile& profile = {}) {
  return evaluate(rule, facts, profile, open, 0).truth;
}

// A leaf with the given truth.
MeasureFact fact_with(Truth truth) {
  if (truth == Truth::unknown) return unknown_value();
  return value_of(truth == Truth::yes ? 2 : 0);
}

TEST_CASE("a threshold is strict, and turns to its clear limit once the episode is open") {
  struct Row {
    Threshold test;
    double value;
    bool open;
    Truth truth;
  };
  const Row rows[] = {
      {above(10, 5), 10, false, Truth::no},     // the limit itself is not beyond it
      {above(10, 5), 10.5, false, Truth::yes},  // beyond
      {above(10, 5), 7, false, Truth::no},      // between the two: does not open
      {above(10, 5), 7, true, Truth::yes},      // between the two: does not close
      {above(10, 5), 5, true, Truth::no},       // back at the clear level
      {below(10, 20), 10, false, Truth::no},    // the limit itself
      {below(10, 20), 9, false, Truth::yes},    // beyond
      {below(10, 20), 15, true, Truth::yes},    // between the two: does not close
      {below(10, 20), 20, true, Truth::no},     // back at the clear level
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(truth_of(rule_of({row.test}), {value_of(row.value)}, row.open) == row.truth);
  }
}

TEST_CASE("a threshold on a window that is not known is unknown") {
  CHECK(truth_of(rule_of({above(1, 1)}), {unknown_value()}) == Truth::unknown);
}

TEST_CASE("a limit can be a profile field, and is unknown while the profile does not have it as a number") {
  Threshold test;
  test.open.profile_field = test.clear.profile_field = "storage_quota";
  const Rule rule = rule_of({test});
  Profile profile;

  CHECK(truth_of(rule, {value_of(70)}, false, profile) == Truth::unknown);
  profile.fields["storage_quota"] = std::string_view("large");
  CHECK(truth_of(rule, {value_of(70)}, false, profile) == Truth::unknown);
  profile.fields["storage_quota"] = 60.0;
  CHECK(truth_of(rule, {value_of(70)}, false, profile) == Truth::yes);
  CHECK(truth_of(rule, {value_of(50)}, false, profile) == Truth::no);
}

TEST_CASE("all and any follow Kleene's logic for every pair of truths") {
  const Truth truths[] = {Truth::no, Truth::unknown, Truth::yes};  // in this order, all is min and any is max
  for (int left = 0; left < 3; ++left) {
    for (int right = 0; right < 3; ++right) {
      const std::vector<MeasureFact> facts{fact_with(truths[left]), fact_with(truths[right])};
      CAPTURE(left);
      CAPTURE(right);
      CHECK(truth_of(rule_of({above(1, 1), above(1, 1)}, Condition::Op::all), facts) ==
            truths[std::min(left, right)]);
      CHECK(truth_of(rule_of({above(1, 1), above(1, 1)}, Condition::Op::any), facts) ==
            truths[std::max(left, right)]);
    }
  }
}

TEST_CASE("groups are combined by the root: a or (b and c)") {
  Rule rule = rule_of({above(1, 1), above(1, 1), above(1, 1)});
  rule.when.op = Condition::Op::any;
  rule.when.groups = {{Condition::Op::all, {0}}, {Condition::Op::all, {1, 2}}};
  struct Row {
    Truth a, b, c, truth;
  };
  const Row rows[] = {
      {Truth::yes, Truth::no, Truth::no, Truth::yes},           // a alone
      {Truth::no, Truth::yes, Truth::no, Truth::no},            // b alone is not enough
      {Truth::no, Truth::yes, Truth::yes, Truth::yes},          // b and c
      {Truth::unknown, Truth::yes, Truth::yes, Truth::yes},     // a does not matter then
      {Truth::unknown, Truth::no, Truth::yes, Truth::unknown},  // a decides and is not known
  };
  for (const Row& row : rows) {
    CHECK(truth_of(rule, {fact_with(row.a), fact_with(row.b), fact_with(row.c)}) == row.truth);
  }
}

TEST_CASE("the verdict names the leaves that matched and those that are unknown") {
  const Rule rule = rule_of({above(1, 1), above(1, 1), above(1, 1)}, Condition::Op::any);

  const Verdict verdict =
      evaluate(rule, std::vector{fact_with(Truth::yes), fact_with(Truth::no), fact_with(Truth::unknown)},
               Profile{}, false, 0);

  CHECK(verdict.matched == 0b001);
  CHECK(verdict.unknown == 0b100);
}

// Verdict::latched of a rule whose first leaf is `unusual`.
constexpr std::uint16_t kOpen = 1, kOnset = 1 << 8;

TEST_CASE("a deviation that is rare before it is large opens when it becomes large, as long as it lasts") {
  const Rule rule = rule_of({Unusual{Direction::high, 2.0, 5.0, 0.5}});
  struct Row {
    MeasureFact fact;
    Truth truth;
    std::uint16_t latched;
  };
  const Row steps[] = {
      {scored(13, 10, 6, 6), Truth::no, kOnset},                  // rare, 3 of 5
      {scored(14, 10, 0, 6), Truth::no, kOnset},                  // as rare, told before
      {scored(16, 10, 0, 6, Direction::low), Truth::no, kOnset},  // the other side for a moment
      {scored(16, 10, 0, 6), Truth::yes, kOnset | kOpen},         // now it matters
      {scored(12, 10, 0, 1.3), Truth::yes, kOnset | kOpen},       // small, but it opened
      {scored(10, 10, 0, 1.1), Truth::no, 0},                     // over
      {scored(16, 10, 0, 6), Truth::no, 0},                       // large again, without an onset
  };
  std::uint16_t latched = 0;
  for (const Row& step : steps) {
    CAPTURE(step.fact.value);
    const Verdict verdict = evaluate(rule, std::vector{step.fact}, Profile{}, false, latched);
    CHECK(verdict.truth == step.truth);
    CHECK(verdict.latched == step.latched);
    latched = verdict.latched;
  }
}

TEST_CASE("an unusual leaf opens only at an onset, on its side, with both differences met") {
  const Unusual test{Direction::high, 2.0, 5.0, 0.5};
  struct Row {
    MeasureFact fact;
    Truth truth;
  };
  MeasureFact warming = scored(100, 10, 9, 9);
  warming.score.ready = false;
  MeasureFact empty = scored(100, 10, 9, 9);
  empty.known = false;
  MeasureFact between = scored(100, 10, 9, 9);
  between.scored = false;
  const Row rows[] = {
      {scored(100, 10, 2.0, 2.0), Truth::yes},             // everything is met
      {scored(100, 10, 0, 9), Truth::no},                  // loud, but its onset was told before
      {scored(100, 10, 1.9, 1.9), Truth::no},              // an onset below the sensitivity
      {scored(100, 10, 9, 9, Direction::low), Truth::no},  // the other side
      {scored(14, 10, 9, 9), Truth::no},                   // 4 of 5 in absolute terms
      {scored(15, 10, 9, 9), Truth::yes},                  // exactly both
      {scored(149, 100, 9, 9), Truth::no},                 // 49 of 50 percent
      {scored(-6, -4, 9, 9), Truth::no},                   // 2 of 5, signs do not confuse it
      {warming, Truth::unknown},                           // the model is not ready
      {empty, Truth::unknown},                             // too little data in the window
      {between, Truth::no},                                // no score of this very close: nothing new
  };
  for (const Row& row : rows) {
    CAPTURE(row.fact.value);
    CAPTURE(row.fact.score.onset);
    const Verdict verdict = evaluate(rule_of({test}), std::vector{row.fact}, Profile{}, false, 0);
    CHECK(verdict.truth == row.truth);
    CHECK((verdict.latched & kOpen) == (row.truth == Truth::yes ? kOpen : 0));
  }
}

TEST_CASE("thresholds between unusual leaves take no latch") {
  const Unusual unusual{Direction::high, 2.0, 0, 0};
  const Rule rule = rule_of({above(1, 1), unusual, above(1, 1), unusual}, Condition::Op::any);

  const Verdict verdict =
      evaluate(rule, std::vector{value_of(0), scored(10, 10, 0, 0.1), value_of(0), scored(99, 10, 4, 4)},
               Profile{}, false, 0);

  CHECK(verdict.latched == 0b10'0000'0010);  // the second unusual leaf
  CHECK(verdict.matched == 0b1000);          // the fourth leaf
}

TEST_CASE(
    "an unusual leaf stays true until the ratio falls below 0.6 of its limit, whatever the onsets say") {
  const Rule rule = rule_of({Unusual{Direction::high, 2.0, 5.0, 0.5}});
  struct Row {
    double ratio;
    bool scored_now, ready;
    Truth truth;
    std::uint16_t latched;
  };
  const Row rows[] = {
      {1.2, true, true, Truth::yes, kOpen},       // exactly 0.6 of 2
      {1.19, true, true, Truth::no, 0},           // below: closed
      {0.1, false, true, Truth::yes, kOpen},      // no score of this close: the latch speaks
      {0.1, true, false, Truth::unknown, kOpen},  // not ready: unknown, but not forgotten
  };
  for (const Row& row : rows) {
    CAPTURE(row.ratio);
    MeasureFact fact = scored(10, 10, 0, row.ratio);
    fact.scored = row.scored_now;
    fact.score.ready = row.ready;

    const Verdict verdict = evaluate(rule, std::vector{fact}, Profile{}, true, 1);

    CHECK(verdict.truth == row.truth);
    CHECK(verdict.latched == row.latched);
  }
}

TEST_CASE("a season that the model has not lived through is unknown, however sure the plain level is") {
  Unusual test{Direction::high, 2.0, 0, 0};
  test.min_samples = 100;
  MeasureFact fact = scored(99, 10, 4, 4);

  fact.score.samples = 99;
  CHECK(truth_of(rule_of({test}), {fact}) == Truth::unknown);
  fact.score.samples = 100;
  CHECK(truth_of(rule_of({test}), {fact}) == Truth::yes);
}

TEST_CASE("either direction opens on both sides") {
  const Rule rule = rule_of({Unusual{Direction::either, 2.0, 0, 0}});
  CHECK(truth_of(rule, {scored(1, 10, 3, 3, Direction::low)}) == Truth::yes);
  CHECK(truth_of(rule, {scored(100, 10, 3, 3, Direction::high)}) == Truth::yes);
}

TEST_CASE("latches of several leaves do not touch each other") {
  const Rule rule =
      rule_of({Unusual{Direction::high, 2.0, 0, 0}, Unusual{Direction::high, 2.0, 0, 0}}, Condition::Op::any);

  const Verdict verdict =
      evaluate(rule, std::vector{scored(10, 10, 0, 0.1), scored(99, 10, 4, 4)}, Profile{}, true, 0b01);

  CHECK(verdict.latched == 0b10'0000'0010);
  CHECK(verdict.truth == Truth::yes);
}

MeasureFact climbing(double level, double per_step) {
  MeasureFact fact = value_of(level);
  fact.scored = true;
  fact.trend = {true, level, per_step, 0.5};
  fact.step = 1h;
  return fact;
}

TEST_CASE(
    "a limit ahead is believed from the third close in a row on, and until it is hardly likely any more") {
  Reaches reaches;
  reaches.limit.value = 100;
  reaches.within = 24h;
  const Rule rule = rule_of({reaches});
  std::uint16_t latched = 0;
  const auto judge = [&](const MeasureFact& fact) {
    const Verdict verdict = evaluate(rule, std::vector<MeasureFact>{fact}, Profile{}, false, latched);
    latched = verdict.latched;
    return verdict.truth;
  };
  const MeasureFact soon = climbing(80, 1.5);  // in 13 hours
  const MeasureFact never = climbing(80, 0);
  CHECK(judge(soon) == Truth::no);
  CHECK(judge(soon) == Truth::no);
  CHECK(judge(soon) == Truth::yes);
  MeasureFact between = soon;  // no close: what was said holds
  between.scored = false;
  CHECK(judge(between) == Truth::yes);
  CHECK(judge(never) == Truth::no);
  CHECK(judge(soon) == Truth::no);  // and it counts from one again
  CHECK(judge(never) == Truth::no);
  CHECK(judge(soon) == Truth::no);
  CHECK(judge(soon) == Truth::no);
  CHECK(judge(climbing(101, 0)) == Truth::yes);  // beyond the limit is as near as can be
}

TEST_CASE(
    "a limit ahead comes from the side that the rule names, may be a field, and is unknown without a trend") {
  Reaches down;
  down.limit.profile_field = "floor";
  down.from_below = false;
  down.within = 24h;
  const Rule rule = rule_of({down});
  constexpr std::uint16_t kTwice = 1;  // two closes have foreseen it: bit 0 is worth 2
  Profile profile;
  const auto judge = [&](const MeasureFact& fact) {
    return evaluate(rule, std::vector<MeasureFact>{fact}, profile, false, kTwice).truth;
  };
  CHECK(judge(climbing(20, -1)) == Truth::unknown);
  profile.fields["floor"] = 5.0;
  CHECK(judge(climbing(20, -1)) == Truth::yes);
  CHECK(judge(climbing(20, 1)) == Truth::no);
  CHECK(judge(value_of(20)) == Truth::unknown);
}

TEST_CASE("a signal that stopped moving is unusual at an onset, whatever its value") {
  Unusual stuck;
  stuck.stuck = true;
  stuck.min_relative = 10;  // has no meaning here
  CHECK(truth_of(rule_of({stuck}), {scored(20, 20, 2.1, 2.1, Direction::low)}) == Truth::yes);
  CHECK(truth_of(rule_of({stuck}), {scored(20, 20, 0, 2.1, Direction::low)}) == Truth::no);
}

TEST_CASE("measures that are odd together stay so until their ratio has fallen, whatever the side") {
  const Rule rule = rule_of({Together{2.0, {}}});
  std::uint16_t latched = 0;
  const auto judge = [&](double onset, double ratio, bool is_new = true) {
    MeasureFact fact = scored(ratio, 0, onset, ratio, Direction::either);
    fact.scored = is_new;
    const Verdict verdict = evaluate(rule, std::vector<MeasureFact>{fact}, Profile(), false, latched);
    latched = verdict.latched;
    return verdict.truth;
  };
  CHECK(judge(1.9, 1.9) == Truth::no);
  CHECK(judge(2.0, 2.0) == Truth::yes);
  CHECK(judge(0, 1.3) == Truth::yes);
  CHECK(judge(0, 0.5, false) == Truth::yes);  // of an earlier close
  CHECK(judge(0, 1.1) == Truth::no);
  CHECK(judge(0, 1.9) == Truth::no);
  CHECK(truth_of(rule, {unknown_value()}) == Truth::unknown);
}

TEST_CASE("an absence is unknown until the signal was seen and while the pipeline is late") {
  const Rule rule = rule_of({Missing{15min, 7 * 24h, true}});
  CHECK(truth_of(rule, {silence(true)}) == Truth::yes);
  CHECK(truth_of(rule, {silence(false)}) == Truth::no);
  CHECK(truth_of(rule, {silence(true, false)}) == Truth::unknown);
}

TEST_CASE(
    "a rule for some customers only is false for the others, and unknown while the profile does not say") {
  Rule rule = rule_of({above(1, 1)});
  rule.only_for.push_back({"plan", PredicateOp::is_not, {std::string("trial")}, nullptr});
  Profile trial, paying, silent;
  trial.fields["plan"] = std::string_view("trial");
  paying.fields["plan"] = std::string_view("pro");

  CHECK(truth_of(rule, {value_of(2)}, false, paying) == Truth::yes);
  CHECK(truth_of(rule, {value_of(2)}, false, trial) == Truth::no);
  CHECK(truth_of(rule, {value_of(2)}, false, silent) == Truth::unknown);
  CHECK(truth_of(rule, {value_of(0)}, false, silent) == Truth::no);  // false either way
}

TEST_CASE("asking for an absent profile field is an answer, not an unknown") {
  Rule rule = rule_of({above(1, 1)});
  rule.only_for.push_back({"parent_account", PredicateOp::present, {false}, nullptr});
  CHECK(truth_of(rule, {value_of(2)}) == Truth::yes);
}

}  // namespace
}  // namespace proactive::rules
