// Is the Kafka around us fit to run in? Brokers, login, topics, settings, permissions, all findings at once, each one
// sentence with the way out (kafka.md 12). Used by `run` at its start and by `check --environment`.
//
// Thread: the caller's. Clock: steady, for deadlines. Failure: findings, nothing else. Creates topics only when asked,
// alters none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/loader/daemon_config.h"

namespace proactive::daemon::kafka {

struct EnvironmentOptions {
  bool create_topics = false;
  std::int32_t partitions = 24;  // of new topics when no input exists yet
  int replication = 3;
  bool try_writes = true;  // prove the permission to write by an aborted transaction under "<group>.check"
  Duration reach_within = std::chrono::seconds(30);
};

struct EnvironmentFinding {
  bool error = true;  // else a warning
  std::string sentence;
  int exit_code = 78;  // 69: brokers unreachable; 78: configuration, login, topics, permissions
};

struct EnvironmentReport {
  std::vector<EnvironmentFinding> findings;
  std::int32_t partition_count = 0;   // of the inputs; 0: not known
  std::vector<std::string> created;   // topics
  std::vector<std::string> commands;  // kafka-topics.sh lines for what is missing

  [[nodiscard]] bool ok() const;
  [[nodiscard]] int exit_code() const;  // 0, or of the first error
};

[[nodiscard]] EnvironmentReport check_environment(const config::KafkaConfig& kafka,
                                                  const EnvironmentOptions& options);

}  // namespace proactive::daemon::kafka
