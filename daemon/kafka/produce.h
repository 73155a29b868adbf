// One record into a producer's queue. Wraps rd_kafka_produceva: the macros of rd_kafka_producev are GNU extensions that
// clang refuses with -Wpedantic.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/kafka/handles.h"

namespace proactive::daemon::kafka {

struct Outgoing {
  rd_kafka_topic_t* topic = nullptr;
  std::int32_t partition = RD_KAFKA_PARTITION_UA;
  std::string_view key;                   // empty: none
  std::optional<std::string_view> value;  // nullopt: a null value
  std::int64_t timestamp_ms = 0;          // 0: now
  rd_kafka_headers_t* headers = nullptr;  // librdkafka owns them if the record is taken, else the caller
};

// Key and value are copied.
[[nodiscard]] rd_kafka_resp_err_t produce(rd_kafka_t* client, const Outgoing& record);

}  // namespace proactive::daemon::kafka
