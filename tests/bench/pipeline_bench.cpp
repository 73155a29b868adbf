// How many events a second one core takes through a Pipeline, without Kafka, and where the time goes.
//
// The stream: canonical JSON, customers drawn at random, event time spread evenly over 24 h, half of the records a
// latency, a quarter requests, a quarter errors; rules of tests/bench/rules; stream_changes and commit every 50,000
// records. With 6 million records and 200,000 customers about one bucket closes per five events. The records are read a
// day after they were appended, 100,000 per second of the host's clock, which is what checkpoint_age is measured by.
//
//   pipeline_bench [records] [customers] [checkpoint_age in seconds; 0: each commit writes all that it changed] [rules]
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "daemon/pipeline/hints.h"
#include "daemon/pipeline/pipeline.h"
#include "rules/engine/load_rules.h"

namespace {

using namespace proactive;
// CPU time of this thread: what other processes do on the machine does not count.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::nanoseconds;
  static time_point now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
};

constexpr std::size_t kCommitEvery = 50'000;
constexpr std::int64_t kArrivalUs = 10;  // between two records
constexpr Timestamp kReadFrom{std::chrono::seconds(1767571200 + 2 * 86'400)};

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

std::int64_t resident_bytes() {
  long pages = 0;
  long resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return std::int64_t{resident} * 4096;
}

struct Stream {
  Stream(std::size_t records, std::size_t customers) : records_(records), customers_(customers) {}

  // The next records, up to one transaction's worth; empty at the end.
  const std::vector<std::string>& next() {
    lines_.clear();
    times_.clear();
    keys_.clear();
    for (std::size_t i = 0; i < kCommitEvery && made_ < records_; ++i, ++made_) {
      const std::int64_t ms =
          1767571200000 + static_cast<std::int64_t>(86'400'000.0 * static_cast<double>(made_) /
                                                    static_cast<double>(records_));
      const std::string customer = fmt::format("c_{:07}", rng_() % customers_);
      const Timestamp time{std::chrono::milliseconds(ms)};
      const auto draw = rng_();
      const char* signal = made_ % 2 == 0 ? "api.latency_ms" : made_ % 4 == 1 ? "api.requests" : "api.errors";
      const char* kind = made_ % 2 == 0 ? "gauge" : "count";
      const std::uint64_t value = made_ % 2 == 0   ? 90 + draw % 20
                                  : made_ % 4 == 1 ? 20 + draw % 10
                                                   : draw % 2;
      lines_.push_back(fmt::format(
          R"({{"event_id":"t-{:012x}","event_time":"{}","customer_id":"{}","signal":"{}","value":{},"kind":"{}","dims":{{"region":"eu-1"}}}})",
          made_, format_rfc3339(time), customer, signal, value, kind));
      times_.push_back(time);
      keys_.push_back(customer);
    }
    return lines_;
  }
  [[nodiscard]] daemon::InputRecord record(std::size_t i, std::int64_t offset) const {
    daemon::InputRecord record;
    record.offset = offset;
    record.appended_at = times_[i];
    record.key = keys_[i];
    record.value = lines_[i];
    return record;
  }

 private:
  std::size_t records_, customers_, made_ = 0;
  std::mt19937_64 rng_{42};
  std::vector<std::string> lines_, keys_;
  std::vector<Timestamp> times_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 6'000'000;
  const std::size_t customers = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
  const std::uint64_t checkpoint_age_s = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 20;
  const char* const rule_file = argc > 4 ? argv[4] : "tests/bench/rules/rules.yaml";

  rules::LoadOptions options;
  options.signal_files = {"tests/bench/rules/signals.yaml"};
  options.pack_paths = {rule_file};
  config::Findings findings;
  const auto rules = rules::load_rules(options, findings);
  if (rules == nullptr) {
    std::fputs(findings.render_text().c_str(), stderr);
    return 1;
  }
  auto setup = std::make_shared<daemon::PipelineSetup>();
  setup->outreach.enabled = true;
  setup->key = std::make_shared<const daemon::IdentityKey>(config::Secret("bench"));
  setup->limits.state_bytes = std::size_t{16} << 30;
  setup->limits.checkpoint_age = std::chrono::seconds(checkpoint_age_s);

  daemon::Decoder decoder(setup->shape, setup->mapping, setup->decode);
  decoder.use_rules(rules.get());
  daemon::Pipeline pipeline(0, rules, setup);
  daemon::PipelineOutput out;
  daemon::CommitVersion version;
  Stream stream(records, customers);
  std::vector<daemon::InputRecord> batch;
  daemon::HintsAhead hints;
  const std::int64_t before_bytes = resident_bytes();

  Clock::duration decode{};
  Clock::duration process{};
  Clock::duration collect{};
  Clock::duration commit{};
  std::int64_t offset = 0;
  version.offsets[0] = 0;
  pipeline.resume_at(version);
  std::uint64_t input_bytes = 0;
  std::uint64_t changes = 0;
  std::uint64_t change_bytes = 0;
  std::uint64_t outputs = 0;
  std::uint64_t undecoded = 0;
  for (;;) {
    const std::vector<std::string>& lines = stream.next();
    if (lines.empty()) break;
    // Decoding alone, on the same bytes, to tell its share of the whole.
    Clock::time_point at = Clock::now();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!decoder.decode(stream.record(i, 0))) ++undecoded;
    }
    decode += Clock::now() - at;

    batch.clear();  // as a lane gets them
    for (std::size_t i = 0; i < lines.size(); ++i) batch.push_back(stream.record(i, offset++));
    const std::span<const daemon::InputRecord> records_of(batch);
    at = Clock::now();
    const Timestamp now = kReadFrom + Duration(offset * kArrivalUs);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      hints.before(
          i, records_of.size(), [&pipeline](std::size_t) { return &pipeline; },
          [&records_of](std::size_t next) { return records_of[next].key; });
      pipeline.process(records_of[i], now, out);
      while (pipeline.due()) pipeline.tick(now, kNever, out);
      input_bytes += lines[i].size();
    }
    process += Clock::now() - at;
    outputs += out.records.size();
    out.clear();

    at = Clock::now();
    version.offsets[0] = offset;
    ++version.v;
    version.replay_from = pipeline.choose_written(offset, now, false);
    pipeline.stream_changes(version, [&](std::string_view key, std::string_view value, bool) {
      ++changes;
      change_bytes += key.size() + value.size();
      return true;
    });
    collect += Clock::now() - at;
    at = Clock::now();
    pipeline.commit(version);
    commit += Clock::now() - at;
  }
  const daemon::PipelineCounts& counts = pipeline.counts();
  const double n = static_cast<double>(records);
  const double total = seconds(process) + seconds(collect) + seconds(commit);
  const auto per_event = [n](Clock::duration duration) { return seconds(duration) / n * 1e9; };
  std::printf("records             %12zu of %zu customers, %.0f bytes each; %llu undecoded\n", records,
              customers, static_cast<double>(input_bytes) / n, static_cast<unsigned long long>(undecoded));
  std::printf("events/CPU second   %12.0f  (process + stream_changes + commit, one core)\n", n / total);
  std::printf("buckets closed      %12llu  (%.2f per event), scores %llu\n",
              static_cast<unsigned long long>(counts.buckets_closed),
              static_cast<double>(counts.buckets_closed) / n, static_cast<unsigned long long>(counts.scores));
  std::printf("outputs             %12llu\n\n", static_cast<unsigned long long>(outputs));
  std::printf("stage                 ns/event\n");
  std::printf("decode              %10.0f  (alone, on the same bytes)\n", per_event(decode));
  std::printf("process             %10.0f  (decode included)\n", per_event(process));
  std::printf("stream_changes      %10.0f\n", per_event(collect));
  std::printf("commit              %10.0f\n\n", per_event(commit));
  std::printf("series              %12llu\n", static_cast<unsigned long long>(counts.series));
  std::printf("bytes per series    %12.0f  (state as counted)\n",
              static_cast<double>(pipeline.memory_bytes()) / static_cast<double>(counts.series));
  std::printf("resident per series %12.0f  (growth of the process)\n",
              static_cast<double>(resident_bytes() - before_bytes) / static_cast<double>(counts.series));
  std::printf("changelog           %12llu records, %.0f bytes each, %.2f per input record\n",
              static_cast<unsigned long long>(changes),
              static_cast<double>(change_bytes) / static_cast<double>(changes),
              static_cast<double>(changes) / n);
  return 0;
}
