// Fills the telemetry topic of a configuration: canonical JSON of about 180 bytes, event time spread evenly over the
// HOURS that end now; by turns a latency, requests, a latency, errors.
//
//   telemetry_load CONFIG RECORDS CUSTOMERS HOURS random|turns
//
// random: customers drawn at random. turns: each customer in turn, so that RECORDS / CUSTOMERS signals of each are sure.
#include <random>
#include <string>

#include "daemon/kafka/topic_writer.h"
#include "tests/bench/peers/peers.h"
#include "tests/bench/peers/telemetry.h"

using namespace proactive;

int main(int argc, char** argv) {
  if (argc != 6) bench::fail("telemetry_load CONFIG RECORDS CUSTOMERS HOURS random|turns");
  const config::KafkaConfig kafka = bench::kafka_of(argv[1]);
  const std::uint64_t records = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t customers = std::strtoull(argv[3], nullptr, 10);
  const double hours = std::strtod(argv[4], nullptr);
  const bool random = std::string_view(argv[5]) == "random";
  if (records == 0 || customers == 0 || !(hours > 0)) bench::fail("RECORDS, CUSTOMERS and HOURS are above 0");

  const auto writer = bench::value_of(daemon::kafka::TopicWriter::open(kafka));
  const Timestamp begin = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) -
                          std::chrono::duration_cast<Duration>(std::chrono::duration<double>(hours * 3600));
  const double step_micros = hours * 3600e6 / static_cast<double>(records);
  std::mt19937_64 dice(42);
  std::uint64_t bytes = 0;
  const bench::Steady::time_point begun = bench::Steady::now();
  for (std::uint64_t i = 0; i < records; ++i) {
    bench::Reading reading;
    reading.number = i;
    reading.customer = random ? dice() % customers : i % customers;
    reading.signal = static_cast<bench::Signal>((random ? i : i / customers) % 4);
    reading.noise = dice();
    reading.time = begin + Duration(static_cast<std::int64_t>(step_micros * static_cast<double>(i)));
    const std::string key = bench::customer_id(reading.customer);
    const std::string line = bench::telemetry_line(reading);
    bytes += line.size();
    const Result<void> written = writer->write(kafka.telemetry.topic, key, line, reading.time);
    if (!written) bench::fail(written.error().message);
  }
  if (const Result<void> flushed = writer->flush(); !flushed) bench::fail(flushed.error().message);
  fmt::print(R"({{"records":{},"bytes":{},"seconds":{:.3f}}})"
             "\n",
             records, bytes, bench::seconds_since(begun));
}
