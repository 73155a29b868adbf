#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rules/engine/load_rules.h"
#include "rules/engine/parse_measure.h"

namespace proactive::rules {
namespace {

using namespace std::chrono_literals;

const char* const kCatalogue = R"(version: 1
entities: { device: { key: device_id }, job: { key: job_id } }
signals:
  calls: { type: http, kind: count }
  failed: { type: http, kind: count, where: { status: { at_least: 500 } } }
  latency: { kind: gauge, unit: ms }
  battery: { kind: gauge, unit: percent, range: [0, 100] }
  used: { kind: gauge, unit: bytes }
  sent: { kind: counter, unit: bytes }
  beat: { kind: event }
  unread: { kind: count }
lookups: { customer: { source: profiles, fields: { plan: text, quota: bytes } } }
)";

std::shared_ptr<const RuleSet> compile_texts(const std::vector<RuleText>& rules,
                                             const LoadOptions& options = {},
                                             const std::string& catalogue = kCatalogue) {
  config::Findings findings;
  auto set = compile_rule_texts({{"signals.yaml", catalogue, false}}, rules, options, findings);
  INFO(findings.render_text());
  REQUIRE(set != nullptr);
  return set;
}

std::shared_ptr<const RuleSet> compile(const std::string& rules, const LoadOptions& options = {},
                                       const std::string& catalogue = kCatalogue) {
  return compile_texts(
      {{"packs/area/file.yaml", "version: 1\ndefaults: { severity: low }\nrules:\n" + rules, false}}, options,
      catalogue);
}

// One rule called `r` with one measure `m`.
std::string rule(const std::string& measure, const std::string& when, const std::string& more = "",
                 const std::string& name = "r") {
  return "- name: " + name + "\n  per: customer\n  measures: { m: { " + measure + " } }\n  when: " + when +
         "\n" + more;
}

const std::string kAbove5 = "{ measure: m, above: 5 }";

const Measure& first_measure(const RuleSet& set) {
  return set.measures[set.rules.front().measures.front().plan];
}

TEST_CASE("a default step is a tenth of the window in whole seconds, and an hour from a day up") {
  struct Row {
    Duration over, step;
  };
  const Row rows[] = {
      {10min, 1min}, {30min, 3min}, {1h, 6min},    {15min, 90s},   {1s, 1s},  // not below a second
      {7s, 1s},   // a tenth would be less than a second
      {15s, 3s},  // fewer, whole steps
      {61s, 1s},  // a prime number of seconds
      {23h, 138min}, {24h, 1h},     {7 * 24h, 1h}, {35 * 24h, 1h}, {24h + 30min, 0s},  // no whole hours: none
      {1500ms, 0s},  // no whole seconds: none
  };
  for (const Row& row : rows) {
    CAPTURE(format_duration(row.over));
    CHECK(default_step(row.over) == row.step);
    if (row.step > 0s) CHECK(row.over % row.step == 0s);
  }
}

TEST_CASE("limits are kept in the unit of the measure's value") {
  struct Row {
    const char* measure;
    const char* limit;
    double value;
  };
  const Row rows[] = {
      {"ratio: [failed, calls], over: 1h, needs: { calls: 1 }", "25%", 0.25},  // a share of one
      {"mean: battery, over: 1h", "25%", 25},                                  // a percentage as it is sent
      {"mean: latency, over: 1h", "25.5", 25.5},
      {"last: used, over: 1h", "1.5GiB", 1610612736},
      {"last: used, over: 1h", "2MB", 2e6},
      {"last: used, over: 1h", "2048", 2048},
      {"rate: sent, over: 1h", "0.5", 0.5},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.limit));
    const auto set = compile(rule(row.measure, std::string("{ measure: m, above: ") + row.limit + " }"));
    CHECK(std::get<Threshold>(set->rules[0].when.leaves[0].test).open.value == row.value);
    CHECK(std::get<Threshold>(set->rules[0].when.leaves[0].test).clear.value == row.value);
  }
}

TEST_CASE("sensitivity is the onset that opens, and differences follow the measure's unit") {
  const auto set = compile(
      rule("ratio: [failed, calls], over: 1h, needs: { calls: 9, failed: 2 }",
           "{ any: [{ id: a, measure: m, unusual: high, sensitivity: low, min_delta: { absolute: 2%, "
           "relative: 50% } }, "
           "{ id: b, measure: m, unusual: high, min_delta: { relative: 10% } }, "
           "{ id: c, measure: m, unusual: high, sensitivity: high, min_delta: { absolute: 1% } }] }"));
  const auto leaf = [&](std::size_t i) { return std::get<Unusual>(set->rules[0].when.leaves[i].test); };
  CHECK(leaf(0).theta == 3.0);
  CHECK(leaf(1).theta == 2.0);
  CHECK(leaf(2).theta == 1.6);
  CHECK(leaf(0).min_absolute == 0.02);
  CHECK(leaf(0).min_relative == 0.5);
  CHECK(first_measure(*set).needs_denominator == 9);
  CHECK(first_measure(*set).needs_signal == 2);
}

TEST_CASE("equal measures of several rules are one, and anything that changes their state makes two") {
  const std::string unusual = "{ measure: m, unusual: high, min_delta: { relative: 10% } }";
  struct Row {
    const char* what;
    std::string first, second;
    std::size_t measures;
  };
  const Row rows[] = {
      {"equal", rule("count: calls, over: 1h", kAbove5), rule("count: calls, over: 60m", kAbove5, "", "s"),
       1},
      {"default step", rule("count: calls, over: 1h", kAbove5),
       rule("count: calls, over: 1h, step: 6m", kAbove5, "", "s"), 1},
      {"limit", rule("count: calls, over: 1h", kAbove5),
       rule("count: calls, over: 1h", "{ measure: m, above: 9 }", "", "s"), 1},
      {"window", rule("count: calls, over: 1h", kAbove5), rule("count: calls, over: 2h", kAbove5, "", "s"),
       2},
      {"step", rule("count: calls, over: 1h", kAbove5),
       rule("count: calls, over: 1h, step: 1m", kAbove5, "", "s"), 2},
      {"function", rule("count: calls, over: 1h", kAbove5), rule("rate: calls, over: 1h", kAbove5, "", "s"),
       2},
      {"signal", rule("count: calls, over: 1h", kAbove5), rule("count: failed, over: 1h", kAbove5, "", "s"),
       2},
      {"needs", rule("count: calls, over: 1h", kAbove5),
       rule("count: calls, over: 1h, needs: { calls: 3 }", kAbove5, "", "s"), 2},
      {"modelled", rule("count: calls, over: 1h", kAbove5), rule("count: calls, over: 1h", unusual, "", "s"),
       2},
      {"sensitivity", rule("count: calls, over: 1h", unusual),
       rule("count: calls, over: 1h",
            "{ measure: m, unusual: high, sensitivity: low, min_delta: { absolute: 1 } }", "", "s"),
       1},
      {"direction", rule("count: calls, over: 1h", unusual),
       rule("count: calls, over: 1h", "{ measure: m, unusual: low, min_delta: { relative: 10% } }", "", "s"),
       2},
      {"season", rule("count: calls, over: 1h", unusual),
       rule("count: calls, over: 1h",
            "{ measure: m, unusual: high, season: day, min_delta: { relative: 10% } }", "", "s"),
       2},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.what));
    CHECK(compile(row.first + row.second)->measures.size() == row.measures);
  }
}

TEST_CASE("a changed signal definition changes the measure, since its state means something else") {
  const std::string rules = rule("count: failed, over: 1h", kAbove5);
  std::string other = kCatalogue;
  other.replace(other.find("at_least: 500"), 13, "at_least: 400");
  CHECK(compile(rules)->measures[0].hash != compile(rules, {}, other)->measures[0].hash);
}

TEST_CASE("hashes do not depend on layout, comments or other rules") {
  const std::string one = rule("count: calls, over: 1h", kAbove5);
  const std::string spread =
      "# a comment\n- per: customer\n  name: r\n  when:\n    above: 5\n    measure: m\n  measures:\n    m:\n "
      "     over: 1h\n      count: calls\n";
  const auto a = compile(one), b = compile(spread),
             c = compile(rule("mean: latency, over: 1h", kAbove5, "", "s") + one);
  CHECK(a->measures[0].hash_hex == b->measures[0].hash_hex);
  CHECK(a->measures[0].hash_hex == c->measures[1].hash_hex);
  CHECK(a->rules[0].digest == b->rules[0].digest);
  CHECK(a->hash == b->hash);
  CHECK(a->hash != c->hash);
  CHECK(a->rules[0].digest.size() == 13);
  CHECK(a->rules[0].digest.starts_with("xxh3:"));
  CHECK(a->measures[0].hash_hex.size() == 16);
}

TEST_CASE("any edit of a rule, or of its file's defaults, changes its digest and the set's hash") {
  const auto base = compile(rule("count: calls, over: 1h", kAbove5));
  const auto edited = compile(rule("count: calls, over: 1h", kAbove5, "  summary: Something else.\n"));
  const auto other_defaults = compile_texts(
      {{"packs/area/file.yaml",
        "version: 1\ndefaults: { severity: high }\nrules:\n" + rule("count: calls, over: 1h", kAbove5),
        false}});
  CHECK(base->rules[0].digest != edited->rules[0].digest);
  CHECK(base->hash != edited->hash);
  CHECK(base->rules[0].digest != other_defaults->rules[0].digest);
}

TEST_CASE("two unusual conditions of one rule on a measure share its series, which then looks both ways") {
  const auto set = compile(rule("count: calls, over: 1h",
                                "{ any: [{ id: a, measure: m, unusual: high, min_delta: { absolute: 1 } }, "
                                "{ id: b, measure: m, unusual: low, min_delta: { absolute: 1 } }] }"));
  REQUIRE(set->measures.size() == 1);
  CHECK(set->measures[0].direction == Direction::either);
  CHECK(std::get<Unusual>(set->rules[0].when.leaves[0].test).direction == Direction::high);
  CHECK(std::get<Unusual>(set->rules[0].when.leaves[1].test).direction == Direction::low);
}

TEST_CASE("a measure has a series of its own for each kind of model that a rule asks of it") {
  const std::string limit = "{ id: l, measure: m, above: 5 }";
  const std::string far = "{ id: f, measure: m, unusual: high, min_delta: { absolute: 1 } }";
  const std::string ahead = "{ id: a, measure: m, reaches: 90, within: 1d }";
  const std::string still = "{ id: s, measure: m, unusual: stuck }";
  const auto series = [](const std::string& list) {
    const auto set = compile(rule("mean: latency, over: 1h", "{ any: [" + list + "] }"));
    std::vector<Modelling> kinds;
    for (const Measure& measure : set->measures) kinds.push_back(measure.modelling);
    return kinds;
  };
  using Kinds = std::vector<Modelling>;
  CHECK(series(limit) == Kinds{Modelling::none});
  CHECK(series(limit + ", " + ahead) == Kinds{Modelling::trend});
  CHECK(series(limit + ", " + still) == Kinds{Modelling::stuck});
  CHECK(series(still + ", " + far) == Kinds{Modelling::level, Modelling::stuck});
  CHECK(series(limit + ", " + ahead + ", " + still + ", " + far) ==
        Kinds{Modelling::level, Modelling::trend, Modelling::stuck});

  const auto set = compile(rule("mean: latency, over: 1h", "{ all: [" + ahead + ", " + far + "] }"));
  const auto& reaches = std::get<Reaches>(set->rules[0].when.leaves[0].test);
  CHECK(reaches.limit.value == 90);
  CHECK(reaches.within == std::chrono::hours(24));
  CHECK(reaches.confidence == 0.8);
  CHECK(set->measures[set->rules[0].measures[set->rules[0].when.leaves[0].measure].plan].modelling ==
        Modelling::trend);
  CHECK(set->rules[0].on_close);
}

TEST_CASE("measures that are compared together keep models of their own and share a series behind them") {
  const std::string text = R"(- name: r
  per: customer
  measures:
    slow: { mean: latency, over: 10m, step: 5m }
    share: { ratio: [failed, calls], over: 20m, step: 5m, needs: { calls: 1 } }
    spare: { count: calls, over: 10m }
  when:
    any:
    - { id: odd, unusual_together: [share, slow], season: day, sensitivity: low }
    - { measure: spare, above: 5 }
)";
  const auto set = compile(text);
  const Rule& rule = set->rules.front();
  REQUIRE(rule.measures.size() == 4);
  CHECK(rule.measures[3].name == "odd");
  CHECK(rule.on_close);
  const auto& together = std::get<Together>(rule.when.leaves[0].test);
  CHECK(together.theta == 3.0);
  CHECK(together.members == std::vector<std::uint8_t>{1, 0});
  const Measure& joint = set->measures[rule.measures[3].plan];
  CHECK(joint.function == MeasureFunction::together);
  CHECK(joint.step == 5min);
  CHECK(joint.over == 20min);
  CHECK(joint.members == std::vector<MeasureIndex>{rule.measures[1].plan, rule.measures[0].plan});
  CHECK(std::max(joint.members[0], joint.members[1]) < rule.measures[3].plan);
  for (const MeasureIndex member : joint.members) {
    CHECK(set->measures[member].modelling == Modelling::level);
    CHECK(set->measures[member].season == Season::day);
    CHECK(set->measures[member].direction == Direction::either);
  }
  CHECK(set->measures[rule.measures[2].plan].modelling == Modelling::none);
  for (const auto& measures : set->measures_by_signal) {
    CHECK(std::find(measures.begin(), measures.end(), rule.measures[3].plan) == measures.end());
  }

  // The same measures in two rules are one series; other members, or another order, make another.
  std::string again = text, other = text;
  again.replace(again.find("name: r"), 7, "name: s");
  other.replace(other.find("name: r"), 7, "name: t");
  other.replace(other.find("[share, slow]"), 13, "[slow, share]");
  const auto three = compile(text + again + other);
  CHECK(three->rules[0].measures[3].plan == three->rules[1].measures[3].plan);
  CHECK(three->rules[0].measures[3].plan != three->rules[2].measures[3].plan);
}

TEST_CASE("a season asks for as many samples as it takes to live through it") {
  struct Row {
    const char* season;
    std::uint32_t samples;
  };
  const Row rows[] = {{"none", 0}, {"day", 3 * 24 * 4}, {"week", 12 * 24 * 4}};  // at four steps an hour
  for (const Row& row : rows) {
    CAPTURE(std::string(row.season));
    const auto set = compile(
        rule("mean: latency, over: 1h, step: 15m", std::string("{ measure: m, unusual: high, season: ") +
                                                       row.season + ", min_delta: { absolute: 1 } }"));
    CHECK(std::get<Unusual>(set->rules[0].when.leaves[0].test).min_samples == row.samples);
  }
}

TEST_CASE("when a rule is evaluated follows from what it looks at") {
  const std::string beat = "{ missing: beat, for_longer_than: 15m }";
  struct Row {
    const char* why;
    std::string rule;
    bool on_close;
  };
  const Row rows[] = {
      {"above a count is certain at once", rule("count: calls, over: 1h", kAbove5), false},
      {"below a count is not: the open bucket still fills",
       rule("count: calls, over: 1h", "{ measure: m, below: 5 }"), true},
      {"below a rate likewise", rule("rate: calls, over: 1h", "{ measure: m, below: 5 }"), true},
      {"below a sum likewise", rule("sum: sent, over: 1h", "{ measure: m, below: 5 }"), true},
      {"below a mean is certain", rule("mean: latency, over: 1h", "{ measure: m, below: 5 }"), false},
      {"below a share is certain",
       rule("ratio: [failed, calls], over: 1h, needs: { calls: 1 }", "{ measure: m, below: 5% }"), false},
      {"unusual is judged at closes",
       rule("mean: latency, over: 1h", "{ measure: m, unusual: high, min_delta: { absolute: 1 } }"), true},
      {"silence has its own timers", "- { name: r, per: customer, when: " + beat + " }\n", false},
      {"silence beside a certain threshold",
       rule("count: calls, over: 1h", "{ any: [" + kAbove5 + ", " + beat + "] }"), false},
      {"silence beside an unusual one",
       rule("mean: latency, over: 1h",
            "{ all: [{ measure: m, unusual: high, min_delta: { absolute: 1 } }, " + beat + "] }"),
       true},
      {"as written", rule("count: calls, over: 1h", kAbove5, "  evaluate: on_close\n"), true},
      {"as written, at one's own risk",
       rule("count: calls, over: 1h", "{ measure: m, below: 5 }", "  evaluate: on_event\n"), false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.why));
    CHECK(compile(row.rule)->rules[0].on_close == row.on_close);
  }
}

TEST_CASE("the set is indexed from the record's signal name to the rules, and holds only what rules read") {
  const auto set =
      compile(rule("ratio: [failed, calls], over: 1h, needs: { calls: 1 }", "{ measure: m, above: 5% }") +
              "- { name: silent, per: device, when: { missing: beat, for_longer_than: 15m } }\n");

  CHECK(set->event_types == std::vector<std::string>{"http", "beat"});
  CHECK(set->type_by_name.count("unread") == 0);
  REQUIRE(set->signals.size() == 3);
  const TypeIndex http = set->type_by_name.at("http");
  CHECK(set->signals_by_type[http].size() == 2);
  for (const SignalIndex signal : set->signals_by_type[http]) {
    CHECK(set->signals[signal].type == http);
    REQUIRE(set->measures_by_signal[signal].size() == 1);
    CHECK(set->rules_by_measure[set->measures_by_signal[signal][0]] == std::vector<RuleIndex>{0});
  }
  const Measure& silence = set->measures[set->rules[1].measures[0].plan];
  CHECK(silence.function == MeasureFunction::missing);
  CHECK(silence.over == 15min);
  CHECK(set->entity_types[silence.per].name == "device");
  CHECK(set->entity_types[silence.per].key_dim == "device_id");
  CHECK(set->entity_types[0].name == "customer");
  CHECK(set->profile_fields == std::vector<std::string>{"plan", "quota"});
}

TEST_CASE("groups keep their order and their leaves, single leaves are groups of one") {
  const auto set = compile(rule("count: calls, over: 1h",
                                "{ any: [{ id: a, measure: m, above: 9 }, { all: [{ id: b, measure: m, "
                                "above: 5 }, { id: c, measure: m, below: 7 }] }] }"));
  const Condition& when = set->rules[0].when;
  CHECK(when.op == Condition::Op::any);
  REQUIRE(when.groups.size() == 2);
  CHECK(when.groups[0].leaves == std::vector<std::uint8_t>{0});
  CHECK(when.groups[1].op == Condition::Op::all);
  CHECK(when.groups[1].leaves == std::vector<std::uint8_t>{1, 2});
  CHECK(when.leaves[2].id == "c");
}

TEST_CASE("texts become parts that name measures by position") {
  const auto set = compile(
      rule("mean: latency, over: 1h", "{ measure: m, unusual: high, min_delta: { absolute: 1 } }",
           "  outreach: { audience: support, title: \"$$5: ${m}, usually ${m.expected}, ${customer} "
           "${entity} on ${customer.plan}\", advice: \"${m.low} to ${m.high} until ${m.since}\" }\n"));
  using Kind = TemplatePart::Kind;
  const OutreachSpec& outreach = *set->rules[0].outreach;
  std::vector<Kind> kinds;
  for (const TemplatePart& part : outreach.title) kinds.push_back(part.kind);
  CHECK(kinds == std::vector{Kind::literal, Kind::observed, Kind::literal, Kind::expected, Kind::literal,
                             Kind::customer_id, Kind::literal, Kind::entity_id, Kind::literal,
                             Kind::profile_field});
  CHECK(outreach.title[0].text == "$5: ");
  CHECK(outreach.title.back().text == "plan");
  CHECK(outreach.advice.size() == 5);
  CHECK(outreach.cooldown == 24h);
}

TEST_CASE("a measure that only a text names is kept, and evaluated like the rest") {
  const auto set = compile(
      "- name: r\n  per: customer\n  measures: { m: { count: calls, over: 1h }, shown: { mean: latency, "
      "over: 1h } }\n"
      "  when: { measure: m, above: 5 }\n  outreach: { audience: support, title: \"${shown}\" }\n");
  REQUIRE(set->rules[0].measures.size() == 2);
  CHECK(set->rules[0].measures[1].name == "shown");
  CHECK(set->rules[0].outreach->title[0].measure == 1);
}

TEST_CASE("a file's defaults hold where a rule says nothing else") {
  const auto set = compile_texts(
      {{"packs/area/file.yaml",
        "version: 1\ndefaults: { for: 5m, keep_firing_for: 6m, no_data: ok, severity: high }\nrules:\n" +
            rule("count: calls, over: 1h", kAbove5) +
            rule("count: calls, over: 1h", kAbove5, "  for: 1m\n  severity: low\n  no_data: hold\n", "s"),
        false}});
  CHECK(set->rules[0].hold == 5min);
  CHECK(set->rules[0].keep_firing_for == 6min);
  CHECK(set->rules[0].no_data == NoData::ok);
  CHECK(set->rules[0].severity == Severity::high);
  CHECK(set->rules[1].hold == 1min);
  CHECK(set->rules[1].keep_firing_for == 6min);
  CHECK(set->rules[1].no_data == NoData::hold);
  CHECK(set->rules[1].severity == Severity::low);
  CHECK(set->rules[0].category == "area");
}

TEST_CASE("rules are silent unless they say live, or the whole set runs as live") {
  const std::string rules = rule("count: calls, over: 1h", kAbove5);
  CHECK(compile(rules)->rules[0].rollout == Rollout::shadow);
  CHECK(compile(rules, {.signal_files = {}, .pack_paths = {}, .time_zone = "Etc/UTC", .all_live = true})
            ->rules[0]
            .rollout == Rollout::live);
}

TEST_CASE("too many rules on one signal, and too many rules, are refused") {
  const auto many = [](int count, const std::string& signal) {
    std::string rules;
    for (int i = 0; i < count; ++i) {
      const std::string name = "r" + std::to_string(i);
      rules += "- { name: " + name + ", per: customer, measures: { m: { count: " + signal +
               ", over: 1h } }, when: " + kAbove5 + " }\n";
    }
    config::Findings findings;
    (void)compile_rule_texts({{"signals.yaml", kCatalogue, false}},
                             {{"f.yaml", "version: 1\ndefaults: { severity: low }\nrules:\n" + rules, false}},
                             {}, findings);
    return findings.errors();
  };
  CHECK(many(64, "calls") == 0);
  CHECK(many(65, "calls") == 1);
  CHECK(many(2001, "calls") >= 1);
}

TEST_CASE("a rule that is live asks for its test, and is content when it has one") {
  const std::string text =
      "version: 1\nrules:\n" + rule("count: calls, over: 1h", kAbove5, "  severity: low\n  rollout: live\n");
  for (const bool has_test : {false, true}) {
    config::Findings findings;
    (void)compile_rule_texts({{"signals.yaml", kCatalogue, false}}, {{"f.yaml", text, has_test}}, {},
                             findings);
    CHECK(findings.warnings() == (has_test ? 0 : 1));
  }
}

TEST_CASE("a broken catalogue is told alone: its rules are not blamed for signals that could not be read") {
  config::Findings findings;
  (void)compile_rule_texts(
      {{"signals.yaml", "version: 1\nsignals: { calls: { kind: cuont } }\n", false}},
      {{"f.yaml", "version: 1\nrules:\n" + rule("count: callz, over: 1h", kAbove5, "  severity: low\n"),
        false}},
      {}, findings);
  REQUIRE(findings.all().size() == 1);
  CHECK(findings.all()[0].code == "E301");
}

TEST_CASE("unreadable files and unknown time zones are findings, not crashes") {
  config::Findings findings;
  CHECK(load_rules({.signal_files = {"no/such/signals.yaml"},
                    .pack_paths = {"no/such/rules"},
                    .time_zone = "Mars/Olympus",
                    .all_live = false},
                   findings) == nullptr);
  CHECK(findings.errors() == 3);
}

TEST_CASE("a step that keeps too many buckets open under the topic's lateness is refused") {
  LoadOptions options;
  const auto errors = [&options] {
    config::Findings findings;
    const std::string text = rule("last: latency, over: 100s, step: 10s", kAbove5);
    (void)compile_rule_texts(
        {{"signals.yaml", kCatalogue, false}},
        {{"packs/area/file.yaml", "version: 1\ndefaults: { severity: low }\nrules:\n" + text, false}},
        options, findings);
    return findings.render_text();
  };
  options.lateness = 19h;
  CHECK(errors().find("E604") == std::string::npos);
  options.lateness = 24h;
  CHECK(errors().find("with a lateness of 1d and a step of 10s, 8676 steps stay open (at most 7000)") !=
        std::string::npos);
}

}  // namespace
}  // namespace proactive::rules
