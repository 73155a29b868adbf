#include "daemon/kafka/topic_plan.h"

#include <fmt/format.h>

namespace proactive::daemon::kafka {
namespace {

constexpr std::int32_t kDeadLetterPartitions = 6;

std::string days(int count) { return std::to_string(std::int64_t{count} * 24 * 3600 * 1000); }

}  // namespace

std::vector<TopicPlan> topic_plans(const config::KafkaConfig& kafka, int replication) {
  std::vector<TopicPlan> plans;
  plans.push_back({kafka.telemetry.topic, "telemetry input", true, true, 0, false, {}});
  if (!kafka.profiles.topic.empty()) {
    plans.push_back(
        {kafka.profiles.topic, "profiles input", true, true, 0, false, {{"cleanup.policy", "compact"}}});
  }
  plans.push_back(
      {kafka.outputs.changelog,
       "changelog",
       false,
       true,
       0,
       true,
       {{"cleanup.policy", "compact"},
        {"segment.bytes", "67108864"},  // the active segment is never compacted, and restore reads it whole
        {"segment.ms", "1800000"},
        {"min.cleanable.dirty.ratio", "0.1"},
        {"max.compaction.lag.ms", "3600000"},
        {"min.compaction.lag.ms", "0"},
        {"max.message.bytes", "1048576"},
        {"delete.retention.ms", "86400000"}}});
  plans.push_back(
      {kafka.outputs.outreach, "outreach events", false, true, 0, false, {{"retention.ms", days(14)}}});
  plans.push_back(
      {kafka.outputs.decisions, "decisions", false, true, 0, false, {{"retention.ms", days(90)}}});
  plans.push_back({kafka.dlq.topic,
                   "dead letters",
                   false,
                   false,
                   kDeadLetterPartitions,
                   false,
                   {{"retention.ms", days(14)}, {"max.message.bytes", "1048576"}}});
  for (TopicPlan& plan : plans)
    plan.settings.emplace_back("min.insync.replicas", replication >= 3 ? "2" : "1");
  return plans;
}

std::string create_command(const TopicPlan& plan, const config::KafkaConfig& kafka, std::int32_t partitions,
                           int replication) {
  std::string command = fmt::format(
      "kafka-topics.sh --bootstrap-server {} --create --topic {} --partitions {} --replication-factor {}",
      kafka.brokers.empty() ? "BROKER" : kafka.brokers.front(), plan.name,
      plan.keyed ? partitions : plan.fixed_partitions, replication);
  for (const auto& setting : plan.settings)
    command += fmt::format(" --config {}={}", setting.first, setting.second);
  return command;
}

}  // namespace proactive::daemon::kafka
