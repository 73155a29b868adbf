// The upper bound: librdkafka alone. Reads a topic from its beginning to the end that it has at the start, with the
// settings of the daemon's own consumers, polls record by record as the daemon does, and touches each byte.
//
//   bare_consumer CONFIG TOPIC input|table
//
// input: as a lane reads telemetry; table: as a restore reads the changelog. Committed records only, as always.
#include <string>
#include <vector>

#include "daemon/kafka/client_config.h"
#include "tests/bench/peers/peers.h"

using namespace proactive;

namespace {

constexpr int kAskMillis = 10'000;

struct Bounds {
  std::int64_t low = 0, high = 0;
};

std::vector<Bounds> bounds_of(const config::KafkaConfig& kafka, const std::string& topic) {
  // Not of a read_committed handle: that one would name the last stable offset.
  const auto client = bench::value_of(
      daemon::kafka::make_client(kafka, daemon::kafka::ClientRole::bounds, 0, daemon::MemoryBudget{}));
  const daemon::kafka::TopicHandle handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  bench::require(rd_kafka_metadata(client.get(), 0, handle.get(), &metadata, kAskMillis), "metadata");
  const std::int32_t partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  if (partitions == 0) bench::fail(topic + " does not exist");
  std::vector<Bounds> bounds(static_cast<std::size_t>(partitions));
  for (std::int32_t at = 0; at < partitions; ++at) {
    Bounds& of = bounds[static_cast<std::size_t>(at)];
    bench::require(
        rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), at, &of.low, &of.high, kAskMillis),
        "the topic's end");
  }
  return bounds;
}

std::uint64_t touch(const void* bytes, std::size_t size) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += static_cast<const unsigned char*>(bytes)[i];
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Steady::time_point begun = bench::Steady::now();
  if (argc != 4) bench::fail("bare_consumer CONFIG TOPIC input|table");
  const config::KafkaConfig kafka = bench::kafka_of(argv[1]);
  const std::string topic = argv[2];
  const auto role = std::string_view(argv[3]) == "table" ? daemon::kafka::ClientRole::table_consumer
                                                         : daemon::kafka::ClientRole::group_consumer;
  const std::vector<Bounds> bounds = bounds_of(kafka, topic);
  const auto client = bench::value_of(daemon::kafka::make_client(kafka, role, 0, bench::budget_of(kafka)));
  const daemon::kafka::ListHandle list = daemon::kafka::new_list(static_cast<int>(bounds.size()));
  std::size_t left = 0;
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    if (bounds[at].low == bounds[at].high) continue;
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(at))->offset =
        bounds[at].low;
    ++left;
  }
  const bench::Steady::time_point assigned = bench::Steady::now();
  bench::require(rd_kafka_assign(client.get(), list.get()), "assign");

  std::uint64_t records = 0, bytes = 0, sum = 0;
  std::vector<bool> done(bounds.size());
  while (left > 0) {
    const daemon::kafka::MessageHandle message(rd_kafka_consumer_poll(client.get(), 100));
    if (message == nullptr) continue;
    const bool end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (!end) {
      bench::require(message->err, "reading");
      ++records;
      bytes += message->key_len + message->len;
      sum += touch(message->key, message->key_len) + touch(message->payload, message->len);
    }
    const auto at = static_cast<std::size_t>(message->partition);
    // Behind the last record there may be control records, which only the end event passes.
    if (!done[at] && message->offset + (end ? 0 : 1) >= bounds[at].high) {
      done[at] = true;
      --left;
    }
  }
  fmt::print(
      R"({{"records":{},"bytes":{},"seconds":{:.3f},"read_seconds":{:.3f},"cpu_seconds":{:.3f},"sum":{}}})"
      "\n",
      records, bytes, bench::seconds_since(begun), bench::seconds_since(assigned), bench::cpu_seconds(), sum);
}
