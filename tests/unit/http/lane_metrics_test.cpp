#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "daemon/http/lane_metrics_source.h"
#include "daemon/outreach/decision.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

struct Scrape {
  LaneMetrics lanes[2];
  std::shared_ptr<rules::RuleSet> rules = std::make_shared<rules::RuleSet>();
  Duration steady = 100s;
  bool stalled = false;

  Scrape() {
    for (const char* name : {"api-errors", "stuck-job"}) {
      rules::Rule rule;
      rule.name = name;
      rules->rules.push_back(rule);
    }
    rules->rules[0].rollout = rules::Rollout::live;
  }

  [[nodiscard]] std::string text() {
    LaneMetricsView view;
    view.lanes = {&lanes[0], &lanes[1]};
    view.topics = {"telemetry.events", "customers.profiles"};
    view.rules = [this] { return rules; };
    view.steady = [this] { return steady; };
    view.stalled = [this](std::size_t lane) { return stalled && lane == 1; };
    MetricsCollector collector;
    collector.add(lane_metrics(view));
    return collector.render();
  }

  // The value at the end of the one line that begins with `sample`.
  [[nodiscard]] std::string value(const std::string& sample) {
    const std::string all = "\n" + text();
    const std::size_t at = all.find("\nproactived_" + sample + " ");
    if (at == std::string::npos) return "absent";
    const std::size_t begin = at + 13 + sample.size();
    return all.substr(begin, all.find('\n', begin) - begin);
  }
};

TEST_CASE("counts of all lanes are added up") {
  Scrape at;
  at.lanes[0].records[0].add(3);
  at.lanes[1].records[0].add(4);
  at.lanes[1].commits[static_cast<std::size_t>(CommitTrigger::outreach)].add();
  at.lanes[0].outreach_latency_seconds.observe(150ms);
  at.lanes[1].outreach_latency_seconds.observe(2s);

  CHECK(at.value("kafka_records_total{topic=\"telemetry.events\"}") == "7");
  CHECK(at.value("kafka_commits_total{trigger=\"outreach\"}") == "1");
  CHECK(at.value("outreach_latency_seconds_count") == "2");
  CHECK(at.value("outreach_latency_seconds_sum") == "2.15");
  CHECK(at.value("outreach_latency_seconds_bucket{le=\"0.1\"}") == "0");
  CHECK(at.value("outreach_latency_seconds_bucket{le=\"0.25\"}") == "1");
}

TEST_CASE("every known combination is there before anything has happened") {
  Scrape at;

  CHECK(at.value("kafka_commits_total{trigger=\"stop\"}") == "0");
  CHECK(at.value("kafka_aborts_total{cause=\"lost\"}") == "0");
  CHECK(at.value("kafka_producer_rebuilds_total{outcome=\"foreign\"}") == "0");
  CHECK(at.value("kafka_partitions{state=\"refused\"}") == "0");
  CHECK(at.value("dlq_records_total{stage=\"decode\",code=\"bad_json\"}") == "0");
  CHECK(at.value("episodes_opened_total{rule=\"stuck-job\"}") == "0");
  CHECK(at.value("outreach_releases_total{rule=\"stuck-job\",status=\"cancelled\"}") == "0");
  CHECK(at.value("outreach_decisions_total{rule=\"stuck-job\",action=\"suppress\",reason=\"cooldown\"}") ==
        "0");
  CHECK(at.value("outreach_decisions_total{rule=\"stuck-job\",action=\"send\",reason=\"cooldown\"}") ==
        "absent");
  CHECK(at.value("rules{mode=\"live\"}") == "1");
  CHECK(at.value("rules{mode=\"shadow\"}") == "1");
  CHECK(at.value("restore_progress_ratio") == "1");
  CHECK(at.value("restore_eta_seconds") == "0");
  CHECK(at.value("restore_warm_ended_total{outcome=\"overtaken\"}") == "0");
}

TEST_CASE("the slowest lane tells when all is restored, and who does not know it yet leaves it open") {
  Scrape at;
  auto slow = std::make_shared<LaneStatus>();
  auto fast = std::make_shared<LaneStatus>();
  slow->restore_eta = 90s;
  fast->restore_eta = 30s;
  at.lanes[0].publish(slow);
  at.lanes[1].publish(fast);
  CHECK(at.value("restore_eta_seconds") == "90");

  auto unknown = std::make_shared<LaneStatus>();
  unknown->restore_eta = std::nullopt;
  at.lanes[1].publish(unknown);
  CHECK(at.value("restore_eta_seconds") == "absent");
}

TEST_CASE("held state is counted by what became of it") {
  Scrape at;
  at.lanes[0].warm_held.add(3);
  at.lanes[0].warm_ended[static_cast<std::size_t>(WarmEnd::reused)].add(2);
  at.lanes[1].warm_ended[static_cast<std::size_t>(WarmEnd::reused)].add();
  at.lanes[1].warm_bytes.set(42);
  CHECK(at.value("restore_warm_held_total") == "3");
  CHECK(at.value("restore_warm_ended_total{outcome=\"reused\"}") == "3");
  CHECK(at.value("state_warm_bytes") == "42");
}

TEST_CASE("a removed rule's series go with it, and its successor starts at 0") {
  Scrape at;
  auto status = std::make_shared<LaneStatus>();
  auto effects = std::make_shared<std::vector<RuleEffects>>();
  effects->push_back({"gone", {}});
  effects->back().counts.opened = 5;
  effects->push_back({"api-errors", {}});
  effects->back().counts.opened = 2;
  effects->back()
      .counts.decisions[static_cast<std::size_t>(Action::send)][static_cast<std::size_t>(Reason::released)] =
      2;
  status->effects = effects;
  at.lanes[0].publish(status);

  CHECK(at.value("episodes_opened_total{rule=\"gone\"}") == "absent");
  CHECK(at.value("episodes_opened_total{rule=\"api-errors\"}") == "2");
  CHECK(at.value("outreach_decisions_total{rule=\"api-errors\",action=\"send\",reason=\"released\"}") == "2");
  CHECK(at.value("episodes_opened_total{rule=\"stuck-job\"}") == "0");
}

TEST_CASE("partitions show state, lag and watermark; an unknown lag is left out") {
  Scrape at;
  auto status = std::make_shared<LaneStatus>();
  status->at = Timestamp(1'000s);
  PartitionStatus running;
  running.partition = 5;
  running.state = PartitionState::running;
  running.lag = {12, -1};
  running.watermark = Timestamp(970s);
  PartitionStatus restoring;
  restoring.partition = 6;
  restoring.lag = {-1, -1};
  restoring.restore_progress = 0.25;
  status->partitions = {running, restoring};
  at.lanes[1].publish(status);

  CHECK(at.value("kafka_partitions{state=\"running\"}") == "1");
  CHECK(at.value("kafka_partitions{state=\"restoring\"}") == "1");
  CHECK(at.value("kafka_lag_records{topic=\"telemetry.events\",partition=\"5\"}") == "12");
  CHECK(at.value("kafka_lag_records{topic=\"customers.profiles\",partition=\"5\"}") == "absent");
  CHECK(at.value("kafka_watermark_lag_seconds{partition=\"5\"}") == "30");
  CHECK(at.value("restore_progress_ratio") == "0.25");
}

TEST_CASE("a lane's heartbeat ages with the steady clock and its stall is the watchdog's word") {
  Scrape at;
  at.lanes[1].heartbeat_micros.set(90'000'000);
  at.stalled = true;

  CHECK(at.value("lane_heartbeat_age_seconds{lane=\"0\"}") == "0");  // not begun
  CHECK(at.value("lane_heartbeat_age_seconds{lane=\"1\"}") == "10");
  CHECK(at.value("lane_stalled{lane=\"0\"}") == "0");
  CHECK(at.value("lane_stalled{lane=\"1\"}") == "1");
}

}  // namespace
}  // namespace proactive::daemon
