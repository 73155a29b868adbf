// From the daemon's configuration to librdkafka's settings, and from those to clients. What correctness owns is set
// last, so an override cannot reach it (the configuration loader refuses such overrides with a finding anyway).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/loader/daemon_config.h"
#include "daemon/io/memory_budget.h"
#include "daemon/kafka/handles.h"
#include "models/base/result.h"

namespace proactive::daemon::kafka {

enum class ClientRole : std::uint8_t {
  group_consumer,  // reads the inputs as a member of the group
  table_consumer,  // reads changelogs; assigns, never subscribes, never commits
  bounds,          // asks for high watermarks: the only read_uncommitted client
  producer,        // transactional
  probe,           // checks, tools: no group, no transaction
  loader           // writes test and simulated input: idempotent, no transaction
};

// In the order in which they are set. Holds the secrets: never print it.
using Settings = std::vector<std::pair<std::string, std::string>>;

// `lane`: part of the member and transactional names. An empty budget: that of a tool.
[[nodiscard]] Settings client_settings(const config::KafkaConfig& kafka, ClientRole role, int lane,
                                       const MemoryBudget& budget);

// May `overrides.consumer` or `overrides.producer` hold this name? Everything that correctness owns, and secrets, may
// not.
[[nodiscard]] bool override_allowed(std::string_view name);

// "<group>.<instance>.<lane>": stable over restarts and unique.
[[nodiscard]] std::string transactional_id(const config::KafkaConfig& kafka, int lane);
[[nodiscard]] std::string member_name(const config::KafkaConfig& kafka, int lane);

// Names the setting that librdkafka refuses, never its value. Clients log through daemon/io/log.h.
[[nodiscard]] Result<ConfHandle> make_conf(const Settings& settings);
// A client without callbacks.
[[nodiscard]] Result<ClientHandle> make_client(const config::KafkaConfig& kafka, ClientRole role, int lane,
                                               const MemoryBudget& budget);
// Takes the conf, whether it succeeds or not.
[[nodiscard]] Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf);

}  // namespace proactive::daemon::kafka
