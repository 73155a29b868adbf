#include "daemon/kafka/topic_plan.h"

#include <doctest/doctest.h>

using namespace proactive;
using namespace proactive::daemon::kafka;

TEST_CASE("a configuration needs its inputs, its outputs, the changelog and a place for dead letters") {
  config::KafkaConfig kafka;
  kafka.profiles.topic = "customers.profiles";

  std::vector<std::string> names;
  for (const TopicPlan& plan : topic_plans(kafka, 3)) names.push_back(plan.name);

  CHECK(names == std::vector<std::string>{"telemetry.events", "customers.profiles", "proactived.changelog",
                                          "outreach.events", "outreach.decisions", "proactived.dlq"});
  kafka.profiles.topic.clear();
  CHECK(topic_plans(kafka, 3).size() == 5);
}

TEST_CASE("the line for kafka-topics.sh creates the changelog as restore needs it") {
  config::KafkaConfig kafka;
  kafka.brokers = {"one:9092", "two:9092"};
  for (const TopicPlan& plan : topic_plans(kafka, 3)) {
    if (plan.role != "changelog") continue;
    CHECK(create_command(plan, kafka, 24, 3) ==
          "kafka-topics.sh --bootstrap-server one:9092 --create --topic proactived.changelog --partitions 24 "
          "--replication-factor 3 --config cleanup.policy=compact --config segment.bytes=67108864 "
          "--config segment.ms=1800000 --config min.cleanable.dirty.ratio=0.1 --config "
          "max.compaction.lag.ms=3600000 "
          "--config min.compaction.lag.ms=0 --config max.message.bytes=1048576 --config "
          "delete.retention.ms=86400000 "
          "--config min.insync.replicas=2");
  }
}

TEST_CASE("one replica needs one in sync, dead letters have partitions of their own") {
  config::KafkaConfig kafka;
  for (const TopicPlan& plan : topic_plans(kafka, 1)) {
    CHECK(plan.settings.back() == std::pair<std::string, std::string>{"min.insync.replicas", "1"});
    if (plan.role == "dead letters")
      CHECK(create_command(plan, kafka, 24, 1).find("--partitions 6 ") != std::string::npos);
  }
}

TEST_CASE("a topic that takes less than we write, or deletes what it must keep, is told with the way out") {
  using Settings = std::map<std::string, std::string>;
  config::KafkaConfig kafka;
  kafka.profiles.topic = "customers.profiles";
  std::size_t outputs = 0;
  for (const TopicPlan& plan : topic_plans(kafka, 3)) {
    CAPTURE(plan.name);
    const std::string policy = plan.must_compact ? "compact" : "delete";
    CHECK(
        unfit_settings(plan, Settings{{"cleanup.policy", policy}, {"max.message.bytes", "1048576"}}).empty());
    CHECK(
        unfit_settings(plan, Settings{{"cleanup.policy", policy}, {"max.message.bytes", "1048588"}}).empty());
    CHECK(unfit_settings(plan, Settings{{"cleanup.policy", policy}}).empty());

    const auto small =
        unfit_settings(plan, Settings{{"cleanup.policy", policy}, {"max.message.bytes", "1048575"}});
    const auto wrong =
        unfit_settings(plan, Settings{{"cleanup.policy", plan.must_compact ? "delete" : "compact"}});
    if (plan.input) {  // whoever writes it knows
      CHECK(small.empty());
      CHECK(wrong.empty());
      continue;
    }
    ++outputs;
    REQUIRE(small.size() == 1);
    CHECK(small[0].find(plan.name) != std::string::npos);
    CHECK(small[0].find("max.message.bytes=1048575, and we write up to 1048576") != std::string::npos);
    CHECK(small[0].find("kafka-configs.sh --alter --topic " + plan.name +
                        " --add-config max.message.bytes=1048576") != std::string::npos);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].find("--add-config cleanup.policy=" + policy) != std::string::npos);
  }
  CHECK(outputs == 4);
}

TEST_CASE("topics that we create take what we write") {
  config::KafkaConfig kafka;
  for (const TopicPlan& plan : topic_plans(kafka, 3)) {
    if (plan.input) continue;
    std::map<std::string, std::string> settings{{"cleanup.policy", "delete"}};  // Kafka's default
    for (const auto& setting : plan.settings) settings[setting.first] = setting.second;
    CAPTURE(plan.name);
    CHECK(settings.count("max.message.bytes") == 1);  // the brokers' default may be anything
    CHECK(unfit_settings(plan, settings).empty());
  }
}
