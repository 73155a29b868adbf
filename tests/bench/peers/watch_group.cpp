// When has a group committed the whole input? Asks the broker every 20 ms for the committed offsets of the telemetry
// topic, and reads what the process that does the work has used of the CPU by then.
//
//   watch_group CONFIG GROUP PID
//
// Times are seconds since that process began. The first commit is told apart from the end, so that start-up can be left
// out: between the two everybody works.
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "daemon/kafka/broker_probe.h"
#include "daemon/kafka/client_config.h"
#include "tests/bench/peers/peers.h"

using namespace proactive;

namespace {

constexpr int kAskMillis = 10'000;
constexpr double kDeadlineSeconds = 900;

struct Sample {
  std::int64_t records = 0;
  double seconds = 0, cpu_seconds = 0;
};

// From /proc, in clock ticks of 10 ms. The name of a process, in brackets, may hold anything.
Sample sample_of(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string text;
  if (!std::getline(stat, text)) bench::fail("the process ended before the input did");
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::vector<std::string> words;
  for (std::string word; fields >> word;) words.push_back(word);
  double up = 0;
  std::ifstream("/proc/uptime") >> up;
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  Sample sample;  // words[0] is field 3: utime is field 14, stime 15, starttime 22
  sample.cpu_seconds = (std::stod(words[11]) + std::stod(words[12])) * tick;
  sample.seconds = up - std::stod(words[19]) * tick;
  return sample;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) bench::fail("watch_group CONFIG GROUP PID");
  config::KafkaConfig kafka = bench::kafka_of(argv[1]);
  kafka.group = argv[2];
  const std::string& topic = kafka.telemetry.topic;
  const auto probe = bench::value_of(daemon::kafka::BrokerProbe::open(kafka));
  const std::int32_t partitions = bench::value_of(probe->partitions_of(topic));
  // It asks for the group's offsets and never joins. Read uncommitted: else the broker makes it wait while a transaction
  // with offsets is open, which is most of the time.
  daemon::kafka::Settings settings =
      daemon::kafka::client_settings(kafka, daemon::kafka::ClientRole::table_consumer, 0, {});
  settings.emplace_back("isolation.level", "read_uncommitted");
  const auto client = bench::value_of(
      daemon::kafka::make_client(RD_KAFKA_CONSUMER, bench::value_of(daemon::kafka::make_conf(settings))));

  std::int64_t all = 0;
  const daemon::kafka::ListHandle list = daemon::kafka::new_list(partitions);
  for (std::int32_t at = 0; at < partitions; ++at) {
    std::int64_t low = 0, high = 0;
    bench::require(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), at, &low, &high, kAskMillis),
                   "the topic's end");
    all += high - low;
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), at);
  }
  Sample first;
  for (const auto begun = bench::Steady::now(); bench::seconds_since(begun) < kDeadlineSeconds;
       std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    if (rd_kafka_committed(client.get(), list.get(), kAskMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      continue;  // the group's coordinator is still being found
    }
    Sample now = sample_of(argv[3]);
    for (int i = 0; i < list->cnt; ++i) now.records += std::max<std::int64_t>(list->elems[i].offset, 0);
    if (first.records == 0) first = now;
    if (now.records < all) continue;
    fmt::print(R"({{"records":{},"seconds":{:.2f},"cpu_seconds":{:.2f},)", now.records, now.seconds,
               now.cpu_seconds);
    fmt::print(R"("first":{{"records":{},"seconds":{:.2f},"cpu_seconds":{:.2f}}}}})"
               "\n",
               first.records, first.seconds, first.cpu_seconds);
    return 0;
  }
  bench::fail("the input was not read in time");
}
