// The Kafka client library that this process runs with.
#pragma once

#include <string>

namespace proactive::daemon {

[[nodiscard]] std::string librdkafka_version();  // "2.0.2", of the loaded library

}  // namespace proactive::daemon
