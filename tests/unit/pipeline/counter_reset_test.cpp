// A cumulative counter that begins anew is no change of the rate that rules see.
#include <cmath>
#include <random>
#include <string>

#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

constexpr std::int64_t kStart = 1767571200LL * 1'000'000;  // 2026-01-05T00:00:00Z
constexpr std::int64_t kMinute = 60'000'000;

std::shared_ptr<const rules::RuleSet> traffic_rules() {
  const std::string signals = R"(version: 1
signals:
  total: { type: bytes.total, kind: counter, unit: bytes }
)";
  const std::string rules = R"(version: 1
rules:
- name: odd_traffic
  per: customer
  measures: { bytes: { rate: total, over: 5m, step: 5m } }
  when: { measure: bytes, unusual: either, models: full, sensitivity: high, min_delta: { relative: 1% } }
  severity: low
  outreach: { audience: support, title: "${bytes}", cooldown: 10m }
  rollout: live
- name: odd_traffic_plain
  per: customer
  measures: { bytes: { rate: total, over: 5m, step: 5m } }
  when: { measure: bytes, unusual: either, sensitivity: high, min_delta: { relative: 1% } }
  severity: low
  outreach: { audience: support, title: "${bytes}", cooldown: 10m }
  rollout: live
)";
  config::Findings findings;
  auto set = rules::compile_rule_texts({{"signals.yaml", signals, false}},
                                       {{"packs/area/traffic.yaml", rules, false}}, {}, findings);
  INFO(findings.render_text());
  REQUIRE(set != nullptr);
  return set;
}

struct Outcome {
  int alarms = 0;
  std::uint64_t resets = 0;
};

// Four days of one reading a minute, about 1,000 bytes each. `resets`: times at which the device began to count anew, some
// within a bucket and some at its edge. `flood`: for half an hour of the last day the rate is thrice the usual.
Outcome read_counter(std::uint32_t seed, bool resets, bool flood) {
  constexpr std::int64_t kDays = 4, kDay = 1440;
  Driver driver(traffic_rules(), world_setup());
  std::mt19937 random(seed);
  const auto uniform = [&random] { return static_cast<double>(random()) / 4294967296.0; };
  double total = 5e8;
  for (std::int64_t minute = 0; minute < kDays * kDay; ++minute) {
    const bool flooded = flood && minute >= 3 * kDay + 600 && minute < 3 * kDay + 630;
    const double bytes = (800 + 400 * uniform()) * (flooded ? 3 : 1);
    total += bytes;
    // The device was away for less than a minute: what it counted before is lost, and it has counted again since.
    if (resets && minute > kDay && minute % 337 == 0) total = bytes * uniform();
    WorldRecord record;
    record.time_us = kStart + minute * kMinute + static_cast<std::int64_t>(uniform() * 5e6);
    record.key = "c_1";
    record.value = fmt::format(
        R"({{"event_time":"{}","customer_id":"c_1","signal":"bytes.total","kind":"cumulative","value":{:.1f}}})",
        format_rfc3339(Timestamp(Duration(record.time_us / 1000 * 1000))), total);
    driver.process(record);
  }
  driver.commit();
  Outcome outcome;
  outcome.resets = driver.pipeline->counts().counter_resets;
  for (const daemon::OutputRecord& record : driver.outputs) {
    outcome.alarms += record.channel == daemon::Channel::outreach &&
                              record.value.find(R"("status":"opened")") != std::string::npos
                          ? 1
                          : 0;
  }
  return outcome;
}

}  // namespace

TEST_CASE("a counter that begins anew causes no alarm, and a flood between resets does") {
  int without = 0, with = 0, flooded = 0;
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    const Outcome quiet = read_counter(seed, false, false), reset = read_counter(seed, true, false),
                  flood = read_counter(seed, true, true);
    CHECK(quiet.resets == 0);
    CHECK(reset.resets >= 10);
    without += quiet.alarms;
    with += reset.alarms;
    flooded += flood.alarms > reset.alarms ? 1 : 0;
  }
  INFO("alarms of 3 series: ", without, " without resets, ", with, " with; floods heard: ", flooded);
  CHECK(with <= without);
  CHECK(flooded == 3);
}
