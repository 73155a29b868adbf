#include "daemon/kafka/kafka_changelog.h"

#include <algorithm>

#include <fmt/format.h>

namespace proactive::daemon::kafka {
namespace {

constexpr std::size_t kBatch = 2000;

}  // namespace

Result<std::unique_ptr<ChangelogReader>> KafkaChangelog::open(rd_kafka_t* client, std::string topic,
                                                              PartitionId partition, StreamBounds bounds) {
  std::unique_ptr<KafkaChangelog> reader(new KafkaChangelog(client, bounds));
  if (!reader->done()) {
    const ListHandle list = new_list(1);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = bounds.low;
    if (const rd_kafka_resp_err_t code = rd_kafka_assign(client, list.get());
        code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failure(fmt::format("cannot read {} partition {}: {}", topic, partition, text_of(code)));
    }
  }
  return std::unique_ptr<ChangelogReader>(std::move(reader));
}

KafkaChangelog::~KafkaChangelog() {
  messages_.clear();
  rd_kafka_assign(client_, nullptr);
}

Result<std::span<const ChangelogEntry>> KafkaChangelog::poll(Duration wait) {
  entries_.clear();
  messages_.clear();
  auto timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
  while (!done() && messages_.size() < kBatch) {
    MessageHandle message(rd_kafka_consumer_poll(client_, timeout));
    timeout = 0;
    if (message == nullptr) break;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      position_ = std::max(position_, message->offset);  // counts control records
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message->err == RD_KAFKA_RESP_ERR__FATAL ||
        message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
      return failure(fmt::format("the changelog cannot be read: {}", rd_kafka_message_errstr(message.get())));
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;  // passing troubles; the lane watches the progress
    position_ = message->offset + 1;
    entries_.push_back(
        {view(message->key, message->key_len), view(message->payload, message->len), message->offset});
    messages_.push_back(std::move(message));
  }
  return std::span<const ChangelogEntry>(entries_);
}

double KafkaChangelog::progress() const {
  const std::int64_t all = bounds_.high - bounds_.low;
  if (done() || all <= 0) return 1;
  return static_cast<double>(position_ - bounds_.low) / static_cast<double>(all);
}

}  // namespace proactive::daemon::kafka
