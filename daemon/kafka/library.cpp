#include "daemon/kafka/library.h"

#include <librdkafka/rdkafka.h>

namespace proactive::daemon {

std::string librdkafka_version() { return rd_kafka_version_str(); }

}  // namespace proactive::daemon
