// Which topics a configuration needs, with which settings, and how to create them by hand. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/loader/daemon_config.h"

namespace proactive::daemon::kafka {

struct TopicPlan {
  std::string name;
  std::string role;  // "telemetry input", "changelog": for sentences
  bool input = false;
  bool keyed = true;                  // has as many partitions as the inputs
  std::int32_t fixed_partitions = 0;  // !keyed
  bool must_compact = false;
  std::vector<std::pair<std::string, std::string>> settings;  // of a new topic
};

// Inputs first.
[[nodiscard]] std::vector<TopicPlan> topic_plans(const config::KafkaConfig& kafka, int replication);

// "kafka-topics.sh --bootstrap-server k1:9093 --create --topic ... --config ..."
[[nodiscard]] std::string create_command(const TopicPlan& plan, const config::KafkaConfig& kafka,
                                         std::int32_t partitions, int replication);

}  // namespace proactive::daemon::kafka
