// A lane over a FakeLog with clocks that tests turn by hand, and small telemetry for it.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <spdlog/sinks/null_sink.h>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"
#include "tests/support/fake_log.h"
#include "tests/support/pipeline_world.h"

namespace proactive::test {

inline const std::shared_ptr<const rules::RuleSet>& shared_world_rules() {
  static const std::shared_ptr<const rules::RuleSet> kRules = world_rules();
  return kRules;
}

// A line of telemetry that a rule of the property pack uses.
inline std::string latency_line(const std::string& customer, Timestamp at, double value = 100) {
  return fmt::format(
      R"({{"event_time":"{}","customer_id":"{}","signal":"api.latency_ms","kind":"gauge","value":{}}})",
      format_rfc3339(at), customer, value);
}

// One process: a lane, its inbox, its metrics. Killing it is letting it go.
class LaneWorld {
 public:
  LaneWorld(FakeLog& shared, FakeClock& shared_clock) : log(shared), clock(shared_clock) {
    daemon::LogOptions quiet;
    quiet.sink = std::make_shared<spdlog::sinks::null_sink_mt>();
    daemon::open_log(quiet);
    options.idle_after.reset();
    options.checks.streams = {{{true, "telemetry.events", config::StartOffset::earliest},
                               {true, "customers.profiles", config::StartOffset::earliest}}};
    options.checks.group = "proactived";
  }

  void start(std::vector<PartitionId> partitions) {
    auto setup = std::make_shared<daemon::PipelineSetup>(*world_setup());
    setup->group = options.checks.group;
    setup->partition_count = options.checks.partition_count;
    if (undo_bytes > 0) setup->limits.undo_bytes = undo_bytes;
    setup->limits.checkpoint_age = checkpoint_age;
    auto own_source = std::make_unique<FakeSource>(
        log, std::move(partitions),
        std::array<bool, kStreamKinds>{options.checks.streams[0].on, options.checks.streams[1].on});
    auto own_sink = std::make_unique<FakeSink>(log);
    source = own_source.get();
    sink = own_sink.get();
    lane = std::make_unique<daemon::Lane>(
        options, shared_world_rules(), setup, std::move(own_source), std::move(own_sink),
        daemon::LaneClocks{[this] { return clock.now; }, [this] { return clock.steady; }}, inbox, metrics);
  }
  // Turns with a little time between them.
  void turns(int count, Duration each = std::chrono::milliseconds(1)) {
    for (int i = 0; i < count && lane->turn(); ++i) clock.advance(each);
  }
  // Until all input is read and committed.
  void run_dry(Duration each = std::chrono::milliseconds(60)) {
    for (int i = 0; i < 20'000; ++i) {
      if (!lane->turn()) return;
      clock.advance(each);
      if (i > 20 && all_committed()) return;
    }
    FAIL("the lane did not get through its input");
  }
  [[nodiscard]] bool all_committed() const {
    for (const auto& input : log.inputs) {
      const auto found = log.committed.find(input.first.second);
      if (found == log.committed.end() || found->second.offsets[input.first.first] != input.second.high)
        return false;
    }
    return true;
  }
  // A snapshot that is not older than this call.
  [[nodiscard]] daemon::PartitionStatus partition(PartitionId id) {
    clock.advance(std::chrono::milliseconds(1001));
    lane->turn();
    for (const daemon::PartitionStatus& status : metrics.status()->partitions) {
      if (status.partition == id) return status;
    }
    FAIL("no such partition");
    return {};
  }
  [[nodiscard]] std::uint64_t commits(daemon::CommitTrigger trigger) const {
    return metrics.commits[static_cast<std::size_t>(trigger)].get();
  }

  FakeLog& log;
  FakeClock& clock;
  daemon::LaneOptions options;
  std::size_t undo_bytes = 0;
  Duration checkpoint_age = Duration::zero();
  daemon::LaneInbox inbox;
  daemon::LaneMetrics metrics;
  FakeSource* source = nullptr;
  FakeSink* sink = nullptr;
  std::unique_ptr<daemon::Lane> lane;
};

// Deals a world of records to partitions by customer; returns how many partitions there are.
inline void append_world(FakeLog& log, const World& world, std::int32_t partitions) {
  for (const WorldRecord& record : world.records) {
    const PartitionId partition = daemon::partition_of(daemon::Partitioner::murmur2, record.key, partitions);
    log.append(record.stream, partition, record.key, record.value, Timestamp(Duration(record.time_us)));
  }
}

constexpr StreamKind kTelemetry = StreamKind::telemetry;
constexpr StreamKind kProfiles = StreamKind::profiles;

// One log, one clock, and the process that lives now.
struct LaneFixture {
  FakeLog log;
  FakeClock clock;
  std::unique_ptr<LaneWorld> process = std::make_unique<LaneWorld>(log, clock);

  explicit LaneFixture(std::int32_t partitions = 1) { process->options.checks.partition_count = partitions; }

  void telemetry(PartitionId partition, int count, Duration apart = std::chrono::seconds(1)) {
    for (int i = 0; i < count; ++i) {
      at += apart;
      log.append(StreamKind::telemetry, partition, "", latency_line("c_1", at), at);
    }
  }
  void garbage(PartitionId partition, int count) {
    for (int i = 0; i < count; ++i) log.append(StreamKind::telemetry, partition, "", "{", at);
  }
  // Another process in place of this one, which is killed as it stands.
  LaneWorld& restart(std::vector<PartitionId> partitions) {
    const daemon::LaneOptions options = process->options;
    const Duration checkpoint_age = process->checkpoint_age;
    process = std::make_unique<LaneWorld>(log, clock);
    process->options = options;
    process->checkpoint_age = checkpoint_age;
    process->start(std::move(partitions));
    return *process;
  }

  Timestamp at = FakeClock().now - std::chrono::hours(1);
};

}  // namespace proactive::test
