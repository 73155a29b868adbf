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
  bool keyed = true;                                          // has as many partitions as the inputs
  std::int32_t fixed_partitions = 0;                          // !keyed
  bool must_compact = false;                                  // or must not: each record counts
  std::vector<std::pair<std::string, std::string>> settings;  // of a new topic
};

// Inputs first.
[[nodiscard]] std::vector<TopicPlan> topic_plans(const config::KafkaConfig& kafka, int replication);

// "kafka-topics.sh --bootstrap-server k1:9093 --create --topic ... --config ..."
[[nodiscard]] std::string create_command(const TopicPlan& plan, const config::KafkaConfig& kafka,
                                         std::int32_t partitions, int replication);

// What is wrong with the settings of a topic that exists, one sentence each, with the way out. Of topics that we write:
// whether it takes what we write, and keeps what it must keep.
[[nodiscard]] std::vector<std::string> unfit_settings(const TopicPlan& plan,
                                                      const std::map<std::string, std::string>& settings);

}  // namespace proactive::daemon::kafka
