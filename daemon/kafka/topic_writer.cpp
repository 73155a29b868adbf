#include "daemon/kafka/topic_writer.h"

#include <fmt/format.h>

#include "daemon/kafka/broker_probe.h"
#include "daemon/kafka/client_config.h"
#include "daemon/kafka/produce.h"

namespace proactive::daemon::kafka {

Result<std::unique_ptr<TopicWriter>> TopicWriter::open(const config::KafkaConfig& kafka) {
  std::unique_ptr<TopicWriter> writer(new TopicWriter());
  writer->kafka_ = kafka;
  writer->partitioner_ = partitioner_from(kafka.partitioner).value_or(Partitioner::murmur2);
  Result<ConfHandle> conf = make_conf(client_settings(kafka, ClientRole::loader, 0, {}));
  if (!conf) return tl::make_unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), writer.get());
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &TopicWriter::on_delivery);
  Result<ClientHandle> client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return tl::make_unexpected(client.error());
  writer->client_ = std::move(*client);
  return writer;
}

TopicWriter::~TopicWriter() { topics_.clear(); }

void TopicWriter::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* writer = static_cast<TopicWriter*>(self);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || !writer->failed_.empty()) return;
  writer->failed_ = fmt::format("a record for {} was not written: {}", rd_kafka_topic_name(message->rkt),
                                text_of(message->err));
}

Result<std::int32_t> TopicWriter::partitions_of(const std::string& topic) {
  if (const auto known = counts_.find(topic); known != counts_.end()) return known->second;
  const auto probe = BrokerProbe::open(kafka_);
  if (!probe) return tl::make_unexpected(probe.error());
  const Result<std::int32_t> count = (*probe)->partitions_of(topic);
  if (!count) return tl::make_unexpected(count.error());
  if (*count == 0) return failure(fmt::format("topic {} does not exist", topic));
  counts_[topic] = *count;
  return *count;
}

Result<rd_kafka_topic_t*> TopicWriter::topic_of(const std::string& topic) {
  TopicHandle& handle = topics_[topic];
  if (handle == nullptr) handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return failure(fmt::format("'{}' is not a topic name", topic));
  return handle.get();
}

Result<void> TopicWriter::write(const std::string& topic, std::string_view key,
                                std::optional<std::string_view> value, Timestamp timestamp) {
  const Result<std::int32_t> count = partitions_of(topic);
  if (!count) return tl::make_unexpected(count.error());
  return write_to(topic, partition_of(partitioner_, key, *count), key, value, timestamp);
}

Result<void> TopicWriter::write_to(const std::string& topic, PartitionId partition, std::string_view key,
                                   std::optional<std::string_view> value, Timestamp timestamp) {
  const Result<rd_kafka_topic_t*> handle = topic_of(topic);
  if (!handle) return tl::make_unexpected(handle.error());
  const std::int64_t millis =
      std::chrono::floor<std::chrono::milliseconds>(timestamp.time_since_epoch()).count();
  for (;;) {
    if (!failed_.empty()) return failure(failed_);
    const rd_kafka_resp_err_t code =
        produce(client_.get(), {*handle, partition, key, value, millis, nullptr});
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return failure(fmt::format("cannot write to {} partition {}: {}", topic, partition, text_of(code)));
    }
    rd_kafka_poll(client_.get(), 100);
  }
}

Result<void> TopicWriter::flush(Duration within) {
  const auto millis = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(within).count());
  if (const rd_kafka_resp_err_t code = rd_kafka_flush(client_.get(), millis);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(fmt::format("the brokers did not take all records in time: {}", text_of(code)));
  }
  if (!failed_.empty()) return failure(failed_);
  return {};
}

}  // namespace proactive::daemon::kafka
