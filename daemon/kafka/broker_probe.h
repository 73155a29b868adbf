// One client for questions about a cluster: reachability, topics, their settings. Blocking, with deadlines.
//
// Owner and thread: the caller's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/loader/daemon_config.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/topic_plan.h"
#include "models/base/result.h"

namespace proactive::daemon::kafka {

struct ProbeFailure {
  std::string message;
  bool login = false;  // the brokers answer, but not to us
};

class BrokerProbe {
 public:
  static Result<std::unique_ptr<BrokerProbe>> open(const config::KafkaConfig& kafka);

  // Waits until a broker answers; the last reason why not.
  Result<void, ProbeFailure> reach(Duration within);
  // 0: the topic does not exist.
  Result<std::int32_t> partitions_of(const std::string& topic);
  // All settings with their values.
  Result<std::map<std::string, std::string>> topic_settings(const std::string& topic);
  Result<std::map<std::string, std::string>> broker_settings();
  // Waits until the topic is known everywhere.
  Result<void> create(const TopicPlan& plan, std::int32_t partitions, int replication);

  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }

 private:
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* self);
  Result<std::map<std::string, std::string>> settings(rd_kafka_ResourceType_t type, const std::string& name);

  ClientHandle client_;
  ProbeFailure trouble_;  // the newest
  std::int32_t broker_ = -1;
};

}  // namespace proactive::daemon::kafka
