#include "daemon/kafka/topic_reader.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "daemon/kafka/broker_probe.h"
#include "daemon/kafka/client_config.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr int kAskMillis = 10'000;

struct Left {
  std::int64_t end = 0;  // high watermark: ends by position, for control records stand behind the last record
  bool done = false;
};

}  // namespace

Result<std::uint64_t> read_topic(const config::KafkaConfig& kafka, const std::string& topic,
                                 std::optional<PartitionId> partition,
                                 const std::function<bool(const TopicRecord&)>& take, Duration stuck_after) {
  const auto probe = BrokerProbe::open(kafka);
  if (!probe) return tl::make_unexpected(probe.error());
  const Result<std::int32_t> count = (*probe)->partitions_of(topic);
  if (!count) return tl::make_unexpected(count.error());
  if (*count == 0) return failure(fmt::format("topic {} does not exist", topic));
  if (partition && (*partition < 0 || *partition >= *count)) {
    return failure(fmt::format("topic {} has partitions 0 to {}", topic, *count - 1));
  }
  const Result<ClientHandle> bounds = make_client(kafka, ClientRole::bounds, 0, {});
  if (!bounds) return tl::make_unexpected(bounds.error());
  const Result<ClientHandle> client = make_client(kafka, ClientRole::table_consumer, 0, {});
  if (!client) return tl::make_unexpected(client.error());

  std::map<PartitionId, Left> left;
  const ListHandle list = new_list(*count);
  for (PartitionId at = partition.value_or(0); at < (partition ? *partition + 1 : *count); ++at) {
    std::int64_t low = 0, high = 0;
    const rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(bounds->get(), topic.c_str(), at, &low, &high, kAskMillis);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failure(fmt::format("cannot ask for the end of {} partition {}: {}", topic, at, text_of(code)));
    }
    if (low >= high) continue;
    left[at] = {high, false};
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), at)->offset = low;
  }
  if (left.empty()) return std::uint64_t{0};
  if (const rd_kafka_resp_err_t code = rd_kafka_assign(client->get(), list.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(fmt::format("cannot read {}: {}", topic, text_of(code)));
  }

  std::uint64_t taken = 0;
  std::size_t open = left.size();
  std::vector<HeaderView> headers;
  Steady::time_point moved = Steady::now();
  while (open > 0) {
    const MessageHandle message(rd_kafka_consumer_poll(client->get(), 500));
    if (message == nullptr) {
      if (Steady::now() - moved > stuck_after)
        return failure(fmt::format("{} does not read on to its end", topic));
      continue;
    }
    std::int64_t position = -1;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      position = message->offset;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->err == RD_KAFKA_RESP_ERR__FATAL || message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
          message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        return failure(fmt::format("cannot read {}: {}", topic, rd_kafka_message_errstr(message.get())));
      }
      continue;
    } else {
      position = message->offset + 1;
    }
    moved = Steady::now();
    Left& place = left[message->partition];
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset < place.end) {
      headers.clear();
      rd_kafka_headers_t* raw = nullptr;
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      if (rd_kafka_message_headers(message.get(), &raw) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (std::size_t i = 0;
             rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
          headers.push_back({name, view(value, size)});
        }
      }
      rd_kafka_timestamp_type_t type{};
      const TopicRecord record{
          message->partition,
          message->offset,
          Timestamp(std::chrono::milliseconds(rd_kafka_message_timestamp(message.get(), &type))),
          view(message->key, message->key_len),
          view(message->payload, message->len),
          message->payload == nullptr,
          headers};
      ++taken;
      if (!take(record)) return taken;
    }
    if (!place.done && position >= place.end) {
      place.done = true;
      --open;
    }
  }
  return taken;
}

}  // namespace proactive::daemon::kafka
