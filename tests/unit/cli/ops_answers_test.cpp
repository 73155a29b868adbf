#include "daemon/cli/ops_answers.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "daemon/cli/generation.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<LaneStatus> lane_with(std::initializer_list<PartitionState> states, bool joined = true) {
  auto lane = std::make_shared<LaneStatus>();
  lane->joined = joined;
  PartitionId id = 0;
  for (const PartitionState state : states) {
    PartitionStatus partition;
    partition.partition = id++;
    partition.state = state;
    lane->partitions.push_back(partition);
  }
  return lane;
}

TEST_CASE("ready is only who has joined with every partition and has nothing left to restore") {
  using S = PartitionState;
  const struct {
    ReadinessFacts facts;
    bool ready;
    std::string reasons, degraded;
  } rows[] = {
      {{false, "", {lane_with({S::running, S::running})}}, true, "[]", "false"},
      // an empty assignment counts: there may be more lanes than partitions
      {{false, "", {lane_with({}), lane_with({S::running})}}, true, "[]", "false"},
      {{false, "", {lane_with({}, false), lane_with({})}},
       false,
       R"(["1 of 2 lanes have not joined the group"])",
       "false"},
      {{false, "", {lane_with({S::restoring, S::running})}}, false, R"(["1 partitions restoring"])", "false"},
      {{false, "", {lane_with({S::bootstrapping})}}, false, R"(["1 partitions bootstrapping"])", "false"},
      {{false, "", {lane_with({S::refused})}}, false, R"(["1 partitions refused"])", "false"},
      {{false, "", {lane_with({S::incomplete})}}, false, R"(["1 partitions incomplete"])", "false"},
      // a stopped partition degrades, the others serve
      {{false, "", {lane_with({S::stopped, S::running})}}, true, "[]", "true"},
      {{false, "brokers unreachable", {lane_with({}, false)}}, false, R"(["brokers unreachable"])", "false"},
      {{true, "", {lane_with({S::running})}}, false, R"(["stopping"])", "false"},
  };
  for (const auto& row : rows) {
    const OpsAnswer answer = readiness_answer(row.facts);
    CHECK(answer.good == row.ready);
    CHECK(answer.json == "{\"ready\":" + std::string(row.ready ? "true" : "false") +
                             ",\"reasons\":" + row.reasons + ",\"degraded\":" + row.degraded + "}");
  }
}

TEST_CASE("health names the stalled lanes and knows nothing of Kafka") {
  CHECK(health_answer({}).good);
  CHECK(health_answer({}).json == R"({"status":"ok"})");
  CHECK_FALSE(health_answer({1, 3}).good);
  CHECK(health_answer({1, 3}).json == R"({"status":"stalled","stalled_lanes":[1,3]})");
}

TEST_CASE("status shows build, rules and every partition; unknown offsets are null, wild bytes do no harm") {
  rules::RuleSet rules;
  rules.hash = 0x123;
  rules.rules.resize(2);
  auto lane = lane_with({PartitionState::stopped});
  lane->partitions[0].reason = "bad \xff byte";
  lane->partitions[0].next_offsets = {42, -1};
  lane->partitions[0].lag = {7, -1};
  lane->partitions[0].watermark = Timestamp(1s);

  const auto status = nlohmann::json::parse(status_answer({"0.1.0", "abc", "g++", "2.0.2"}, rules, {lane}));

  CHECK(status["build"]["revision"] == "abc");
  CHECK(status["rules"]["hash"] == "0000000000000123");
  CHECK(status["rules"]["count"] == 2);
  const auto& partition = status["lanes"][0]["partitions"][0];
  CHECK(partition["state"] == "stopped");
  CHECK(partition["telemetry"]["next_offset"] == 42);
  CHECK(partition["telemetry"]["lag"] == 7);
  CHECK(partition["profiles"]["lag"].is_null());
  CHECK(partition["watermark"] == "1970-01-01T00:00:01Z");
}

TEST_CASE("status says how far a lane's restores are and when they will be done") {
  using S = PartitionState;
  auto lane = lane_with({S::restoring, S::restoring, S::replaying, S::running});
  lane->partitions[0].restore_progress = 0.5;
  lane->partitions[2].replay_progress = 0.25;
  lane->restore_eta = 1500ms;
  auto unknown = lane_with({S::restoring});
  unknown->restore_eta = std::nullopt;

  const auto status = nlohmann::json::parse(status_answer({"0.1.0", "abc", "g++", "2.0.2"}, rules::RuleSet{},
                                                          {lane, unknown, lane_with({S::running})}));

  const auto& restore = status["lanes"][0]["restore"];
  CHECK(restore["partitions"] == 2);
  CHECK(restore["eta_seconds"] == 1.5);
  CHECK(status["lanes"][0]["partitions"][0]["restore_progress"] == 0.5);
  CHECK(status["lanes"][0]["partitions"][2]["replay_progress"] == 0.25);
  CHECK(status["lanes"][1]["restore"]["eta_seconds"].is_null());
  CHECK_FALSE(status["lanes"][2].contains("restore"));
}

TEST_CASE("a refused reload shows until the next good one") {
  auto first = std::make_shared<rules::RuleSet>();
  auto second = std::make_shared<rules::RuleSet>();
  second->hash = 7;
  Generation generation(first, true, Timestamp(100s));
  const auto text = [&] {
    MetricsPage page;
    generation.put_metrics(page);
    return render_metrics(page.take());
  };
  CHECK(text().find("config_last_reload_successful 1\n") != std::string::npos);
  CHECK(text().find("config_reloads_total{outcome=\"refused\"} 0\n") != std::string::npos);

  generation.refused();
  CHECK(text().find("config_last_reload_successful 0\n") != std::string::npos);
  CHECK(text().find("config_last_reload_success_timestamp_seconds 100\n") != std::string::npos);
  CHECK(generation.rules() == first);

  generation.replaced(second, true, Timestamp(200s));
  CHECK(text().find("config_last_reload_successful 1\n") != std::string::npos);
  CHECK(text().find("config_last_reload_success_timestamp_seconds 200\n") != std::string::npos);
  CHECK(text().find("config_info{rules_hash=\"0000000000000007\"} 1\n") != std::string::npos);
  CHECK(generation.rules() == second);
}

}  // namespace
}  // namespace proactive::daemon
