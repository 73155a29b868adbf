#include "rules/engine/test_file.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rules/engine/lint_test.h"
#include "rules/engine/load_rules.h"

namespace proactive::rules {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const char* const kCatalogue = R"(version: 1
entities: { device: { key: device_id } }
signals:
  calls: { type: http, kind: count }
  failed: { type: http, kind: count, where: { status: { at_least: 500 }, region: eu } }
  battery: { kind: gauge, field: level, unit: percent, range: [0, 100] }
  beat: { kind: event }
  sent: { kind: counter }
)";

SignalCatalogue catalogue() {
  config::Findings findings;
  return parse_catalogue_text({"signals.yaml", kCatalogue, false}, findings);
}

TestFile parse(const std::string& tests) {
  config::Findings findings;
  const auto file = parse_test_file("r.test.yaml", "version: 1\nrules: [r.yaml]\ntests:\n" + tests, findings);
  INFO(findings.render_text());
  REQUIRE(file.has_value());
  return *file;
}

std::string codes_of(const std::string& tests) {
  config::Findings findings;
  CHECK_FALSE(
      parse_test_file("r.test.yaml", "version: 1\nrules: [r.yaml]\ntests:\n" + tests, findings).has_value());
  findings.sort();
  std::string codes;
  for (const config::Finding& finding : findings.all()) codes += (codes.empty() ? "" : " ") + finding.code;
  return codes;
}

std::vector<TestRecord> records(const std::string& given) {
  const TestFile file = parse("- { name: t, given: [" + given + "], expect: [] }\n");
  return records_of(file.tests[0], catalogue());
}

TEST_CASE("value lists repeat, ramp and leave out") {
  using Values = std::vector<std::optional<double>>;
  struct Row {
    const char* text;
    Values values;
  };
  const Row rows[] = {
      {"7", {7}},
      {"7*3", {7, 7, 7}},
      {"1+2*3", {1, 3, 5}},
      {"10-2.5*3", {10, 7.5, 5}},
      {"-3*2", {-3, -3}},
      {"-3+1*2", {-3, -2}},
      {"_*2", {std::nullopt, std::nullopt}},
      {"1 _ 2*2", {1, std::nullopt, 2, 2}},
      {"1*0 5", {5}},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    Values values;
    CHECK(expand_values(row.text, values));
    CHECK(values == row.values);
  }
}

TEST_CASE("what is no value list is refused") {
  for (const char* text : {"", " ", "x", "1*", "1*-2", "1+*2", "1*2*3", "*3", "1--2*3", "_5", "1e3",
                           "1*99999999999", "nan", "1,2"}) {
    CAPTURE(std::string(text));
    std::vector<std::optional<double>> values;
    CHECK_FALSE(expand_values(text, values));
  }
}

TEST_CASE("every kind of given and expected entry is read as it is written") {
  const TestFile file = parse(R"(- name: all of it
  options: { lateness: 10m, start: 2026-03-01T12:00:00Z }
  given:
  - { signal: calls, customer: [acme, other], every: 5m, values: 1*3 }
  - { signal: battery, customer: acme, entity: device/d/1, from: 1h, every: 30m, values: 80 79.5 }
  - { profile: { customer: acme, plan: pro, seats: 12, vip: true, code: "007" } }
  - { pipeline_lag: 25m, from: 60m, to: 90m }
  expect:
  - { at: 3h, rule: r, customer: acme, entity: device/d/1, state: firing, because: [battery, low], title: soon }
  - { from: 0m, to: 3h, nothing: true, customer: other }
  - { count: outreach, rule: r, is: 1 }
  - { count: decisions, at_least: 1, at_most: 4 }
  - { rule: r, title: soon }
)");
  CHECK(file.rules == std::vector<std::string>{"r.yaml"});
  REQUIRE(file.tests.size() == 1);
  const TestCase& test = file.tests[0];
  CHECK(test.name == "all of it");
  CHECK(test.lateness == 10min);
  CHECK(format_rfc3339(test.start) == "2026-03-01T12:00:00Z");
  REQUIRE(test.signals.size() == 2);
  CHECK(test.signals[0].customers == std::vector<std::string>{"acme", "other"});
  CHECK(test.signals[1].entity_type == "device");
  CHECK(test.signals[1].entity_id == "d/1");
  CHECK(test.signals[1].from == 1h);
  REQUIRE(test.profiles.size() == 1);
  CHECK(test.profiles[0].fields ==
        std::vector<std::pair<std::string, TestValue>>{
            {"plan", std::string("pro")}, {"seats", 12.0}, {"vip", true}, {"code", std::string("007")}});
  REQUIRE(test.lags.size() == 1);
  CHECK(test.lags[0].lag == 25min);
  REQUIRE(test.expect.size() == 5);
  const auto& state = std::get<ExpectedState>(test.expect[0].what);
  CHECK(state.at == 3h);
  CHECK(state.state == EpisodeState::firing);
  CHECK(state.because == std::vector<std::string>{"battery", "low"});
  CHECK(state.title == "soon");
  CHECK(std::get<ExpectedNothing>(test.expect[1].what).customer == "other");
  CHECK(std::get<ExpectedCount>(test.expect[2].what).is == 1);
  CHECK(std::get<ExpectedCount>(test.expect[3].what).of == ExpectedCount::Of::decisions);
  CHECK(std::get<ExpectedCount>(test.expect[3].what).at_most == 4);
  CHECK_FALSE(std::get<ExpectedText>(test.expect[4].what).at.has_value());
}

TEST_CASE("a test starts on a Monday and trails by two minutes unless it says otherwise") {
  const TestFile file = parse("- { name: t, given: [], expect: [] }\n");
  CHECK(format_rfc3339(file.tests[0].start) == "2026-01-05T00:00:00Z");
  CHECK(file.tests[0].lateness == 2min);
}

TEST_CASE("mistakes in tests have the codes of mistakes in rules") {
  struct Row {
    const char* test;
    const char* codes;
  };
  const Row rows[] = {
      {"- { nam: t, given: [], expect: [] }\n", "E203 E201"},
      {"- { name: t, given: {}, expect: [] }\n", "E302"},
      {"- { name: t, given: [{ signal: calls, customer: a, every: 5, values: 1 }], expect: [] }\n", "E302"},
      {"- { name: t, given: [{ signal: calls, customer: a, every: 0s, values: 1 }], expect: [] }\n", "E303"},
      {"- { name: t, given: [{ signal: calls, customer: a, every: 5m, values: 1x3 }], expect: [] }\n",
       "E302"},
      {"- { name: t, given: [{ signal: calls, customer: a, every: 5m, values: 1*900000 }, { signal: calls, "
       "customer: b, every: 5m, values: 1*900000 }], expect: [] }\n",
       "E604"},
      {"- { name: t, given: [{ signal: battery, customer: a, entity: d1, every: 5m, values: 1 }], expect: [] "
       "}\n",
       "E302"},
      {"- { name: t, given: [{ event: beat, customer: a, at: 1m }], expect: [] }\n", "E209"},
      {"- { name: t, given: [{ restart: true, at: 1m }], expect: [] }\n", "E209"},
      {"- { name: t, options: { start: monday }, given: [], expect: [] }\n", "E302"},
      {"- { name: t, options: { shuffle: 5m }, given: [], expect: [] }\n", "E209"},
      {"- { name: t, given: [{ profile: { plan: pro } }], expect: [] }\n", "E203"},
      {"- { name: t, given: [], expect: [{ at: 1m, rule: r }] }\n", "E203"},
      {"- { name: t, given: [], expect: [{ at: 1m, rule: r, customer: a, state: fireing }] }\n", "E301"},
      {"- { name: t, given: [], expect: [{ rule: r, customer: a, state: firing }] }\n", "E203"},
      {"- { name: t, given: [], expect: [{ from: 1m, nothing: true }] }\n", "E203"},
      {"- { name: t, given: [], expect: [{ from: 1m, to: 2m, nothing: false }] }\n", "E301"},
      {"- { name: t, given: [], expect: [{ count: outreach }] }\n", "E203"},
      {"- { name: t, given: [], expect: [{ count: outreaches, is: 1 }] }\n", "E301"},
      {"- { name: t, given: [], expect: [{ count: outreach, is: 1, at: 5m }] }\n", "E202"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.test));
    CHECK(codes_of(row.test) == row.codes);
  }
}

TEST_CASE("records come in the order of their times, customers side by side, profiles first") {
  const auto made = records(
      "{ signal: beat, customer: [a, b], every: 5m, values: 1 _ 1 }, { signal: beat, customer: c, from: 1m, "
      "every: 5m, values: 1 }, "
      "{ profile: { customer: a, plan: pro } }");
  std::string order;
  for (const TestRecord& record : made)
    order += (record.is_profile ? "P" : record.customer) + std::to_string(record.at / 1min) + " ";
  CHECK(order == "P0 a0 b0 c1 a10 b10 ");
}

TEST_CASE("a record has the wire name, kind, dims and field that its signal asks for") {
  const auto failed = records("{ signal: failed, customer: a, every: 5m, values: 4 }");
  CHECK(failed[0].signal == "http");
  CHECK(failed[0].kind == SignalKind::count);
  CHECK(failed[0].value == 4);
  CHECK(failed[0].fields ==
        std::vector<std::pair<std::string, TestValue>>{{"status", 500.0}, {"region", std::string("eu")}});

  const auto battery = records("{ signal: battery, customer: a, entity: device/d1, every: 5m, values: 40 }");
  CHECK(battery[0].kind == SignalKind::gauge);
  CHECK(battery[0].entity_type == "device");
  CHECK(battery[0].entity_id == "d1");
  CHECK(battery[0].fields == std::vector<std::pair<std::string, TestValue>>{{"level", 40.0}});

  CHECK(records("{ signal: sent, customer: a, every: 5m, values: 1 }")[0].kind == SignalKind::cumulative);
  CHECK(records("{ signal: beat, customer: a, every: 5m, values: 1 }")[0].kind == SignalKind::event);
}

TEST_CASE("made records satisfy the predicates of their signal") {
  const SignalCatalogue known = catalogue();
  const auto made = records("{ signal: failed, customer: a, every: 5m, values: 4 }");
  for (const Predicate& predicate : known.find_signal("failed")->signal.where) {
    const auto dim = std::find_if(made[0].fields.begin(), made[0].fields.end(),
                                  [&](const auto& field) { return field.first == predicate.field; });
    REQUIRE(dim != made[0].fields.end());
    const ScalarValue value = std::visit([](const auto& v) { return ScalarValue(v); }, dim->second);
    CHECK(predicate.holds(&value));
  }
}

TEST_CASE("a late pipeline holds records up in order, and what follows waits behind them") {
  const auto made = records(
      "{ signal: beat, customer: a, every: 10m, values: 1*6 }, { pipeline_lag: 25m, from: 10m, to: 30m }");
  std::vector<std::int64_t> arrives;
  for (const TestRecord& record : made) arrives.push_back(record.arrives / 1min);
  CHECK(arrives == std::vector<std::int64_t>{0, 35, 45, 45, 45, 50});
}

// The findings of a test on the rule `busy`, in order.
std::string linted(const std::string& given, const std::string& expect) {
  const TestFile file = parse("- { name: t, given: [" + given + "], expect: [" + expect + "] }\n");
  RuleSet rules;
  rules.rules.resize(1);
  rules.rules[0].name = "busy";
  config::Findings findings;
  lint_test(file, catalogue(), rules, findings);
  std::string told;
  for (const config::Finding& finding : findings.all())
    told += finding.code + ' ' + finding.message +
            (finding.suggestion.empty() ? "" : " - " + finding.suggestion) + '\n';
  return told;
}

const std::string kCallsOfA = "{ signal: calls, customer: a, every: 5m, values: 1*3 }";

TEST_CASE("a test that asks after what it gave has no findings") {
  CHECK(
      linted(
          kCallsOfA + ", { profile: { customer: b, time_zone: Etc/UTC, segment: x } }",
          "{ at: 5m, rule: busy, customer: a, state: ok }, { from: 0m, to: 5m, nothing: true, customer: b }, "
          "{ count: outreach, is: 0 }")
          .empty());
}

TEST_CASE("an expectation about a rule, a customer or a thing that nothing is given of is an error") {
  CHECK(linted(kCallsOfA, "{ at: 5m, rule: bussy, customer: a, state: ok }") ==
        "E405 no rule 'bussy' in the files under test - did you mean 'busy'?\n");
  CHECK(linted(kCallsOfA, "{ at: 5m, rule: busy, customer: acme, state: ok }") ==
        "E412 nothing is given of customer 'acme' - it has a\n");
  CHECK(linted(kCallsOfA, "{ from: 0m, to: 1h, nothing: true, customer: acme }") ==
        "E412 nothing is given of customer 'acme' - it has a\n");
  CHECK(linted("{ signal: beat, customer: a, entity: device/d-1, every: 5m, values: 1 }",
               "{ at: 5m, rule: busy, customer: a, entity: device/d-2, state: ok }") ==
        "E412 nothing is given of 'device/d-2' of customer 'a' - did you mean 'device/d-1'?\n");
}

TEST_CASE("profile fields that nobody declared and values that the range drops are told") {
  CHECK(linted("{ profile: { customer: a, plann: pro } }", "")
            .starts_with("E403 unknown profile field 'plann'"));
  CHECK(linted("{ signal: battery, customer: a, every: 5m, values: 50 120 -3 }", "") ==
        "W505 2 of 3 values of 'battery' are outside of its range, 0 to 100, and never reach a rule: 120 "
        "first\n");
}

TEST_CASE("unknown signals and entities of a test are named") {
  const TestFile file = parse(
      "- { name: t, given: [{ signal: call, customer: a, every: 5m, values: 1 }, "
      "{ signal: beat, customer: a, entity: phone/1, every: 5m, values: 1 }], expect: [] }\n");
  config::Findings findings;
  lint_test(file, catalogue(), {}, findings);
  REQUIRE(findings.all().size() == 2);
  CHECK(findings.all()[0].code == "E401");
  CHECK(findings.all()[0].suggestion == "did you mean 'calls'?");
  CHECK(findings.all()[1].code == "E301");
}

TEST_CASE(
    "every shipped rule has a test that can be read, names rules that exist, and signals of the catalogue") {
  const fs::path packs = fs::path(PROACTIVE_SOURCE_DIR) / "rules/packs";
  config::Findings findings;
  const SignalCatalogue known = load_signal_catalogue({(packs / "signals.yaml").string()}, findings);
  std::size_t files = 0;
  for (const std::string& rule_file : rule_files(packs.string())) {
    const fs::path test_path = fs::path(rule_file).replace_extension(".test.yaml");
    CAPTURE(test_path);
    std::ifstream in(test_path, std::ios::binary);
    REQUIRE(in.good());
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());

    const auto parsed = parse_test_file(test_path.string(), text, findings);

    REQUIRE(parsed.has_value());
    CHECK(parsed->rules == std::vector<std::string>{fs::path(rule_file).filename().string()});
    CHECK(parsed->tests.size() >= 2);
    for (const TestCase& test : parsed->tests) CHECK_FALSE(records_of(test, known).empty());
    ++files;
  }
  CHECK(files >= 10);
  CHECK(findings.render_text() == "");
}

}  // namespace
}  // namespace proactive::rules
