// Joint series: they move with their members, whatever the order of arrival, and survive restarts and rollbacks.
#include <cmath>

#include <nlohmann/json.hpp>

#include "daemon/pipeline/series.h"
#include "daemon/pipeline/state_blocks.h"
#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

constexpr std::int64_t kStart = 1767571200LL * 1'000'000, kMinute = 60'000'000;

std::shared_ptr<const rules::RuleSet> only_together() {
  const std::string catalogue = R"(version: 1
signals: { latency: { kind: gauge, unit: ms }, load: { kind: gauge } }
lookups: { customer: { source: profiles, fields: { plan: text } } }
)";
  const std::string rule = R"(version: 1
rules:
- name: slow_for_its_load
  per: customer
  measures: { latency: { mean: latency, over: 1m, step: 1m }, load: { mean: load, over: 1m, step: 1m } }
  when: { unusual_together: [latency, load] }
  severity: low
  outreach: { audience: support, title: "${latency} at ${load}", cooldown: 1h }
  rollout: live
)";
  config::Findings findings;
  auto set =
      rules::compile_rule_texts({{"signals.yaml", catalogue, false}}, {{"r.yaml", rule, true}}, {}, findings);
  INFO(findings.render_text());
  REQUIRE(set != nullptr);
  return set;
}

WorldRecord reading(std::int64_t minute, const char* signal, double value, std::int64_t second) {
  WorldRecord record;
  record.time_us = kStart + minute * kMinute + second * 1'000'000;
  record.key = "c_1";
  record.value =
      fmt::format(R"({{"event_time":"{}","customer_id":"c_1","signal":"{}","kind":"gauge","value":{:.2f}}})",
                  format_rfc3339(Timestamp(Duration(record.time_us))), signal, value);
  return record;
}

// From `odd_from` on latency is
// high while load is low, each within its range. `load_missing`: from then on latency goes on as before, without load.
std::vector<WorldRecord> minutes(std::int64_t count, std::int64_t odd_from, bool load_missing = false) {
  std::mt19937 rng(7);
  std::vector<WorldRecord> records;
  double load = 50;
  const auto uniform = [&rng] { return static_cast<double>(rng()) / 4294967296.0 - 0.5; };
  for (std::int64_t m = 0; m < count; ++m) {
    load = 50 + 0.5 * (load - 50) + 40 * uniform();
    const bool odd = m >= odd_from;
    records.push_back(
        reading(m, "latency", (odd && !load_missing ? 320 : 100 + 3 * load) + 8 * uniform(), 10));
    if (!(load_missing && odd)) records.push_back(reading(m, "load", odd ? 30 + 4 * uniform() : load, 20));
  }
  return records;
}

nlohmann::json first_outreach(const Driver& driver) {
  for (const daemon::OutputRecord& record : driver.outputs) {
    if (record.channel == daemon::Channel::outreach) return nlohmann::json::parse(record.value)["data"];
  }
  return {};
}

std::vector<std::string> outreach_of(const Driver& driver) {
  std::vector<std::string> all;
  for (const daemon::OutputRecord& record : driver.outputs) {
    if (record.channel == daemon::Channel::outreach) all.push_back(record.value);
  }
  return all;
}

// The joint series of the only customer, as `proactived state` shows it.
nlohmann::json joint_of(Driver& driver) {
  for (const daemon::StateChange& change : driver.state()) {
    const auto text = daemon::describe_state_record(change.key, change.value);
    REQUIRE(text.has_value());
    const auto record = nlohmann::json::parse(*text);
    for (const auto& block : record["blocks"]) {
      if (record["type"] == "series" && block["id"] == daemon::kJointBlock) return block["content"];
    }
  }
  return {};
}

}  // namespace

TEST_CASE("two measures in their usual range that no longer fit together are an outreach that names both") {
  Driver driver(only_together(), world_setup());
  for (const WorldRecord& record : minutes(640, 600)) driver.process(record);
  driver.commit();
  const nlohmann::json event = first_outreach(driver);
  REQUIRE(event.is_object());
  CHECK(event["issue"]["detected_at"].get<std::string>() >
        format_rfc3339(Timestamp(Duration(kStart + 600 * kMinute))));
  CHECK(event["issue"]["detected_at"].get<std::string>() <
        format_rfc3339(Timestamp(Duration(kStart + 612 * kMinute))));
  REQUIRE(event["evidence"].size() == 2);
  double shares = 0;
  for (const nlohmann::json& one : event["evidence"]) {
    CHECK(one["model"]["name"] == "multi");
    CHECK(one["direction"] == (one["measure"] == "latency" ? "up" : "down"));
    shares += one["contribution"].get<double>();
  }
  CHECK(shares == doctest::Approx(1).epsilon(0.01));
  CHECK(event["explanation"]["reasons"][0]["code"] == "UNUSUAL_TOGETHER");
}

TEST_CASE("the same records without the odd end say nothing") {
  Driver driver(only_together(), world_setup());
  for (const WorldRecord& record : minutes(1500, 1500)) driver.process(record);
  driver.commit();
  CHECK(outreach_of(driver).empty());
}

TEST_CASE("a member that is away makes the condition unknown, and its companion alone is no news") {
  Driver driver(only_together(), world_setup());
  for (const WorldRecord& record : minutes(900, 600, true)) driver.process(record);
  driver.commit();
  CHECK(outreach_of(driver).empty());
  CHECK(joint_of(driver)["ready"] == false);
  Driver whole(only_together(), world_setup());
  for (const WorldRecord& record : minutes(900, 900)) whole.process(record);
  whole.commit();
  CHECK(joint_of(whole)["ready"] == true);
  CHECK(joint_of(whole)["n"] > 400);
}

TEST_CASE("no row is lost when a member begins again ahead of the other") {
  // Load is reported every third minute alone, so its series stops and begins anew; other customers move the watermark.
  Driver driver(only_together(), world_setup());
  std::size_t n = 0;
  for (const WorldRecord& record : minutes(900, 900)) {
    if (++n % 2 == 0 && n % 6 != 0) continue;  // load
    driver.process(record);
  }
  driver.commit();
  const nlohmann::json joint = joint_of(driver);
  CHECK(joint["n"] >= 245);  // of 300 minutes with both, 50 of them before load had a model
}

TEST_CASE("restarts and rollbacks at any commit end in the same outreach and state, replayed or not") {
  for (const Duration age : {Duration::zero(), Duration(10min)}) {
    const std::vector<WorldRecord> records = minutes(640, 600);
    auto setup = std::make_shared<daemon::PipelineSetup>(*world_setup());
    setup->limits.checkpoint_age = age;
    Driver straight(only_together(), setup);
    Driver broken(only_together(), setup);
    std::size_t n = 0;
    for (const WorldRecord& record : records) {
      straight.process(record);
      if (++n % 97 == 0) straight.commit();
    }
    straight.commit();
    std::size_t begun = 0;
    const auto run_to = [&](std::size_t end) {
      for (; begun < end; ++begun) broken.process(records[begun]);
    };
    for (std::size_t end = 97; end < records.size(); end += 97) {
      const std::size_t from = begun;
      run_to(end);
      if (end % 2 == 0) {
        broken.rollback();
        begun = from;
        run_to(end);
      }
      broken.commit();
      if (end % 3 == 0) broken.restart();
    }
    run_to(records.size());
    broken.commit();
    CHECK(outreach_of(broken) == outreach_of(straight));
    CHECK_FALSE(outreach_of(straight).empty());
    std::map<std::string, std::string> one, other;
    for (const daemon::StateChange& change : straight.state()) one[change.key] = change.value;
    for (const daemon::StateChange& change : broken.state()) other[change.key] = change.value;
    CHECK(one == other);
    CHECK((broken.replayed > 0) == (age > Duration::zero()));
  }
}
