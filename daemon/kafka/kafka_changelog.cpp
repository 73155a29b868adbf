#include "daemon/kafka/kafka_changelog.h"

#include <algorithm>

#include <fmt/format.h>

namespace proactive::daemon::kafka {
namespace {

constexpr std::size_t kBatch = 2000;

}  // namespace

Result<std::unique_ptr<ChangelogReader>> KafkaChangelog::open(ClientHandle& home, const std::string& topic,
                                                              PartitionId partition, StreamBounds bounds) {
  std::unique_ptr<KafkaChangelog> reader(new KafkaChangelog(home, bounds));
  if (!reader->done()) {
    const ListHandle list = new_list(1);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = bounds.low;
    if (const rd_kafka_resp_err_t code = rd_kafka_assign(reader->client_.get(), list.get());
        code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failure(fmt::format("cannot read {} partition {}: {}", topic, partition, text_of(code)));
    }
  }
  return std::unique_ptr<ChangelogReader>(std::move(reader));
}

KafkaChangelog::~KafkaChangelog() {
  messages_.clear();
  if (!done()) return;
  rd_kafka_assign(client_.get(), nullptr);
  home_ = std::move(client_);
}

Result<std::span<const ChangelogEntry>> KafkaChangelog::poll(Duration wait) {
  entries_.clear();
  messages_.clear();
  auto timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
  while (!done() && messages_.size() < kBatch) {
    MessageHandle message(rd_kafka_consumer_poll(client_.get(), timeout));
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
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {  // it passes, or the lane sees no progress
      trouble_ = rd_kafka_message_errstr(message.get());
      continue;
    }
    position_ = message->offset + 1;
    entries_.push_back(
        {view(message->key, message->key_len), view(message->payload, message->len), message->offset});
    messages_.push_back(std::move(message));
  }
  return std::span<const ChangelogEntry>(entries_);
}

}  // namespace proactive::daemon::kafka
