// What to look at when brokers can't be reached or refuse us: the settings that fit what the client said. Pure.
#pragma once

#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"

namespace proactive::daemon::kafka {

// The first librdkafka whose SCRAM brokers of Kafka 4 accept: earlier ones send a nonce that is too long.
inline constexpr int kScramMended = 0x020601ff;

// A clause without a full stop, such as "check kafka.sasl". `message`: the client's own words; `login`: it says that our login
// or TLS was refused; `client_version`: rd_kafka_version().
[[nodiscard]] std::string reach_advice(const config::KafkaConfig& kafka, std::string_view message, bool login,
                                       int client_version);

}  // namespace proactive::daemon::kafka
