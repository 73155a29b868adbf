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
