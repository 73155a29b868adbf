// Writes input records to topics, as a team's producers do: for `simulate --kafka` and tests. Idempotent, not
// transactional; the daemon itself writes only through KafkaSink.
//
// Owner and thread: the caller's. Memory: librdkafka's queue, 200 000 records; write() waits when it is full.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/codec/record.h"
#include "daemon/io/partition_hash.h"
#include "daemon/kafka/handles.h"
#include "models/base/result.h"

namespace proactive::daemon::kafka {

class TopicWriter {
 public:
  static Result<std::unique_ptr<TopicWriter>> open(const config::KafkaConfig& kafka);
  ~TopicWriter();

  // To the partition of the key, by the configured partitioner. nullopt: a null value.
  Result<void> write(const std::string& topic, std::string_view key, std::optional<std::string_view> value,
                     Timestamp timestamp);
  Result<void> write_to(const std::string& topic, PartitionId partition, std::string_view key,
                        std::optional<std::string_view> value, Timestamp timestamp);
  // Waits until all is written; the first record that was not, if any.
  Result<void> flush(Duration within = std::chrono::seconds(60));

  [[nodiscard]] Result<std::int32_t> partitions_of(const std::string& topic);

 private:
  TopicWriter() = default;
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  Result<rd_kafka_topic_t*> topic_of(const std::string& topic);

  config::KafkaConfig kafka_;
  Partitioner partitioner_ = Partitioner::murmur2;
  std::string failed_;
  ClientHandle client_;
  std::map<std::string, TopicHandle> topics_;  // die before the client
  std::map<std::string, std::int32_t> counts_;
};

}  // namespace proactive::daemon::kafka
