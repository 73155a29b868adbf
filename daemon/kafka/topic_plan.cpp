#include "daemon/kafka/topic_plan.h"

#include <charconv>

#include <fmt/format.h>

#include "daemon/io/ports.h"

namespace proactive::daemon::kafka {
namespace {

constexpr std::int32_t kDeadLetterPartitions = 6;

std::string alter_command(const TopicPlan& plan, std::string_view setting) {
  return fmt::format("kafka-configs.sh --alter --topic {} --add-config {}", plan.name, setting);
}

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
        {"max.message.bytes", std::to_string(kMaxBatchBytes)},
        {"delete.retention.ms", "86400000"}}});
  plans.push_back({kafka.outputs.outreach,
                   "outreach events",
                   false,
                   true,
                   0,
                   false,
                   {{"retention.ms", days(14)}, {"max.message.bytes", std::to_string(kMaxBatchBytes)}}});
  plans.push_back({kafka.outputs.decisions,
                   "decisions",
                   false,
                   true,
                   0,
                   false,
                   {{"retention.ms", days(90)}, {"max.message.bytes", std::to_string(kMaxBatchBytes)}}});
  plans.push_back({kafka.dlq.topic,
                   "dead letters",
                   false,
                   false,
                   kDeadLetterPartitions,
                   false,
                   {{"retention.ms", days(14)}, {"max.message.bytes", std::to_string(kMaxBatchBytes)}}});
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

std::vector<std::string> unfit_settings(const TopicPlan& plan,
                                        const std::map<std::string, std::string>& settings) {
  std::vector<std::string> findings;
  if (plan.input) return findings;
  const auto policy = settings.find("cleanup.policy");
  if (plan.must_compact && (policy == settings.end() || policy->second != "compact")) {
    findings.push_back(fmt::format(
        "the {} {} has cleanup.policy={}, so state would be deleted: set it with {}", plan.role, plan.name,
        policy == settings.end() ? "?" : policy->second, alter_command(plan, "cleanup.policy=compact")));
  }
  if (!plan.must_compact && policy != settings.end() && policy->second.find("compact") != std::string::npos) {
    findings.push_back(
        fmt::format("topic {} ({}) has cleanup.policy={}: older records of a customer would be deleted, and "
                    "records without a key "
                    "are refused; set it with {}",
                    plan.name, plan.role, policy->second, alter_command(plan, "cleanup.policy=delete")));
  }
  const auto size = settings.find("max.message.bytes");
  std::size_t bytes = 0;
  if (size != settings.end() &&
      std::from_chars(size->second.data(), size->second.data() + size->second.size(), bytes).ec ==
          std::errc() &&
      bytes < kMaxBatchBytes) {
    findings.push_back(
        fmt::format("topic {} ({}) has max.message.bytes={}, and we write up to {}, one large record or many "
                    "small ones at once: "
                    "what is larger is refused each time; set it with {}",
                    plan.name, plan.role, bytes, kMaxBatchBytes,
                    alter_command(plan, fmt::format("max.message.bytes={}", kMaxBatchBytes))));
  }
  return findings;
}

}  // namespace proactive::daemon::kafka
