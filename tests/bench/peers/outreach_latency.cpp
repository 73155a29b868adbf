// How long after the append of the record that made an outreach due can a reader see it?
//
//   outreach_latency CONFIG SECONDS RECORDS_PER_SECOND CUSTOMERS DUE_PER_SECOND
//
// Writes telemetry at a steady rate; in between, evenly, each time another customer has a latency far above the limit of
// rules/limit.yaml. From the time that the broker appended that record (its topic stamps append time) to the time that a
// read_committed reader of the outreach topic gets the event, both by this machine's clock in milliseconds. The first
// five seconds do not count.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/io/partition_hash.h"
#include "daemon/kafka/broker_probe.h"
#include "daemon/kafka/client_config.h"
#include "daemon/kafka/produce.h"
#include "tests/bench/peers/peers.h"
#include "tests/bench/peers/telemetry.h"

using namespace proactive;
using namespace std::chrono_literals;

namespace {

constexpr auto kWarmUp = 5s;
constexpr auto kGrace = 5s;  // for events that are still under way at the end
constexpr std::uint64_t kFarAbove = 500'000;

std::int64_t wall_millis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Filled by the producer's callback, on the thread that polls it.
using Appends = std::map<std::string, std::int64_t>;  // customer -> append time in ms

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  bench::require(message->err, "writing telemetry");
  if (message->_private == nullptr) return;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t millis = rd_kafka_message_timestamp(message, &type);
  if (type != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) bench::fail("the telemetry topic must stamp append time");
  (*static_cast<Appends*>(opaque))[std::string(daemon::kafka::view(message->key, message->key_len))] = millis;
}

struct Sight {
  std::int64_t decided = 0;  // by the daemon's clock
  std::int64_t seen = 0;
};

// Until `stop`: the first event of each customer.
std::map<std::string, Sight> read_outreach(const config::KafkaConfig& kafka, std::int32_t partitions,
                                           const std::atomic<bool>& stop) {
  const auto client = bench::value_of(daemon::kafka::make_client(
      kafka, daemon::kafka::ClientRole::group_consumer, 99, bench::budget_of(kafka)));
  const daemon::kafka::ListHandle list = daemon::kafka::new_list(partitions);
  for (std::int32_t at = 0; at < partitions; ++at) {
    rd_kafka_topic_partition_list_add(list.get(), kafka.outputs.outreach.c_str(), at)->offset = 0;
  }
  bench::require(rd_kafka_assign(client.get(), list.get()), "assign");
  std::map<std::string, Sight> sights;
  while (!stop) {
    const daemon::kafka::MessageHandle message(rd_kafka_consumer_poll(client.get(), 50));
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    Sight sight{0, wall_millis()};
    const auto event = nlohmann::json::parse(daemon::kafka::view(message->payload, message->len));
    const auto recorded = parse_rfc3339(event.at("recordedtime").get<std::string>());
    if (!recorded) bench::fail("an outreach event without recordedtime");
    sight.decided =
        std::chrono::duration_cast<std::chrono::milliseconds>(recorded->time_since_epoch()).count();
    sights.try_emplace(std::string(daemon::kafka::view(message->key, message->key_len)), sight);
  }
  return sights;
}

void print_quantiles(const char* name, std::vector<std::int64_t>& millis) {
  std::sort(millis.begin(), millis.end());
  const auto at = [&millis](double share) {
    return millis[static_cast<std::size_t>(share * static_cast<double>(millis.size() - 1))];
  };
  fmt::print(R"("{}":{{"p50":{},"p90":{},"p99":{},"max":{}}},)", name, at(0.5), at(0.9), at(0.99), at(1));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) bench::fail("outreach_latency CONFIG SECONDS RECORDS_PER_SECOND CUSTOMERS DUE_PER_SECOND");
  const config::KafkaConfig kafka = bench::kafka_of(argv[1]);
  const std::uint64_t seconds = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t rate = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t customers = std::strtoull(argv[4], nullptr, 10);
  const std::uint64_t due_rate = std::strtoull(argv[5], nullptr, 10);
  if (due_rate == 0 || rate < due_rate || seconds * due_rate > customers)
    bench::fail("each customer can have one outreach only, and each takes a record");

  const auto probe = bench::value_of(daemon::kafka::BrokerProbe::open(kafka));
  const std::int32_t partitions = bench::value_of(probe->partitions_of(kafka.telemetry.topic));
  std::atomic<bool> stop = false;
  std::map<std::string, Sight> sights;
  std::thread reader([&] { sights = read_outreach(kafka, partitions, stop); });

  Appends appends;
  daemon::kafka::Settings settings =
      daemon::kafka::client_settings(kafka, daemon::kafka::ClientRole::loader, 0, {});
  settings.emplace_back("delivery.report.only.error", "false");
  settings.emplace_back("linger.ms", "5");
  auto conf = bench::value_of(daemon::kafka::make_conf(settings));
  rd_kafka_conf_set_opaque(conf.get(), &appends);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &on_delivery);
  const auto client = bench::value_of(daemon::kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  daemon::kafka::TopicHandle topic(rd_kafka_topic_new(client.get(), kafka.telemetry.topic.c_str(), nullptr));

  std::mt19937_64 dice(42);
  const auto begun = bench::Steady::now();
  std::int64_t counts_from = 0;
  std::uint64_t late = 0;  // records more than 100 ms behind their time: then the rate was not steady
  int due_mark = 0;        // its address marks the records that make an outreach due
  for (std::uint64_t i = 0; i < seconds * rate; ++i) {
    const auto when = begun + std::chrono::nanoseconds(i * 1'000'000'000 / rate);
    if (bench::Steady::now() < when) {
      rd_kafka_poll(client.get(), 0);
      std::this_thread::sleep_until(when + 1ms);  // a millisecond's worth at a time
    } else if (bench::Steady::now() - when > 100ms) {
      ++late;
    }
    if (counts_from == 0 && bench::Steady::now() - begun > kWarmUp) counts_from = wall_millis();
    const bool due = i % (rate / due_rate) == rate / due_rate - 1;
    bench::Reading reading;
    reading.number = i;
    reading.customer = due ? i / (rate / due_rate) : dice() % customers;
    reading.signal = due ? bench::Signal::latency : static_cast<bench::Signal>(i % 4);
    reading.noise = dice();
    reading.time = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    const std::string key = bench::customer_id(reading.customer);
    const std::string line = bench::telemetry_line(reading, due ? kFarAbove : 0);
    const std::int32_t partition = daemon::partition_of(daemon::Partitioner::murmur2, key, partitions);
    if (rd_kafka_produce(topic.get(), partition, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK,
                         const_cast<char*>(line.data()), line.size(), key.data(), key.size(),
                         due ? &due_mark : nullptr) != 0) {
      bench::fail("the producer takes no record");
    }
  }
  bench::require(rd_kafka_flush(client.get(), 10'000), "flush");
  std::this_thread::sleep_for(kGrace);
  stop = true;
  reader.join();
  topic.reset();

  std::vector<std::int64_t> whole, decided, shown;
  std::uint64_t unseen = 0;
  for (const auto& append : appends) {
    if (append.second < counts_from) continue;
    const auto sight = sights.find(append.first);
    if (sight == sights.end()) {
      ++unseen;
      continue;
    }
    whole.push_back(sight->second.seen - append.second);
    decided.push_back(sight->second.decided - append.second);
    shown.push_back(sight->second.seen - sight->second.decided);
  }
  if (whole.empty()) bench::fail("no outreach was seen");
  fmt::print(R"({{"records":{},"late":{},"due":{},"unseen":{},)", seconds * rate, late, whole.size() + unseen,
             unseen);
  print_quantiles("append_to_decision_ms", decided);
  print_quantiles("decision_to_reader_ms", shown);
  print_quantiles("append_to_reader_ms", whole);
  fmt::print(R"("unit":"ms"}})"
             "\n");
}
