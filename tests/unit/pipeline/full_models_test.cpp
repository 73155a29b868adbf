// `models: full` picks the ensemble that fits what a measure counts.
#include <nlohmann/json.hpp>

#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

std::shared_ptr<const rules::RuleSet> rare_calls(const char* windows) {
  const std::string rule = fmt::format(R"(version: 1
rules:
- name: many_calls
  per: customer
  measures: {{ calls: {{ count: calls, {} }} }}
  when: {{ measure: calls, unusual: high, models: full, min_delta: {{ absolute: 2 }} }}
  severity: low
  outreach: {{ audience: support, title: "${{calls}}", cooldown: 1h }}
  rollout: live
)",
                                       windows);
  config::Findings findings;
  auto set = rules::compile_rule_texts(
      {{"signals.yaml", "version: 1\nsignals: { calls: { kind: count } }\n", false}},
      {{"r.yaml", rule, true}}, {}, findings);
  INFO(findings.render_text());
  REQUIRE(set != nullptr);
  return set;
}

// A call in one of eight steps of ten minutes for five days; in the last hour ten in one step. The model that told of it.
std::string model_that_spoke(const char* windows) {
  Driver driver(rare_calls(windows), world_setup());
  std::mt19937 rng(5);
  const std::int64_t start = 1767571200LL * 1'000'000, ten_minutes = 600'000'000;
  for (std::int64_t step = 0; step < 6 * 24 * 5; ++step) {
    const int calls = step == 6 * 24 * 5 - 4 ? 10 : rng() % 8 == 0 ? 1 : 0;
    for (int i = 0; i < std::max(calls, 1); ++i) {
      WorldRecord record;
      record.time_us = start + step * ten_minutes + (i + 1) * 1'000'000;
      record.key = "c_1";
      record.value = fmt::format(
          R"({{"event_time":"{}","customer_id":"c_1","signal":"calls","kind":"count","value":{}}})",
          format_rfc3339(Timestamp(Duration(record.time_us))), calls == 0 ? 0 : 1);
      driver.process(record);
    }
  }
  driver.commit();
  for (const daemon::OutputRecord& record : driver.outputs) {
    if (record.channel == daemon::Channel::outreach)
      return nlohmann::json::parse(record.value)["data"]["evidence"][0]["model"]["name"];
  }
  return "";
}

}  // namespace

TEST_CASE("a count of its own step is judged as a number of events, an overlapping one as a level") {
  CHECK(model_that_spoke("over: 10m, step: 10m") == "rate");
  const std::string overlapping = model_that_spoke("over: 30m, step: 10m");
  CHECK(overlapping != "rate");
  CHECK(overlapping != "");
}
