// The way of a record that changes no episode takes nothing from the allocator, once the partition is warm.
#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

#include "tests/support/pipeline_world.h"

namespace {

// Of this thread, while it counts.
thread_local bool counting = false;
thread_local std::uint64_t allocations = 0;

void* counted(std::size_t bytes) {
  if (counting) ++allocations;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  if (counting) ++allocations;
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& tag) noexcept {
  return operator new(bytes, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace proactive;
using namespace proactive::test;

TEST_CASE("after warm-up a record costs no allocation, nor does its bucket's end or its commit") {
  auto setup = std::make_shared<daemon::PipelineSetup>(*world_setup());
  setup->limits.checkpoint_age = 20s;
  daemon::Pipeline pipeline(0, world_rules(), setup);
  daemon::PipelineOutput out;
  daemon::CommitVersion version;
  version.offsets = {0, 0};
  pipeline.resume_at(version);
  constexpr int kCustomers = 100, kRecords = 30'000, kWarm = 20'000, kPerCommit = 500;
  std::int64_t offset = 0;
  std::uint64_t changes = 0, by_records = 0, by_commits = 0;
  const auto take = [&changes](std::string_view, std::string_view, bool) { return ++changes > 0; };
  std::string key, value;
  for (int i = 0; i < kRecords; ++i) {
    const Timestamp at{std::chrono::seconds(1767571200) + std::chrono::milliseconds(500 * i)};
    const Timestamp now = at + 2h;  // an event ahead of the host's clock would be a step in each second
    key = fmt::format("c_{}", i % kCustomers);
    value = fmt::format(
        R"({{"event_time":"{}","customer_id":"{}","signal":"api.latency_ms","kind":"gauge","value":{}}})",
        format_rfc3339(at), key, 95 + i % 10);
    daemon::InputRecord record;
    record.offset = offset++;
    record.appended_at = at;
    record.key = key;
    record.value = value;
    counting = i >= kWarm;
    pipeline.process(record, now, out);
    while (pipeline.due()) pipeline.tick(now, kNever, out);
    counting = false;
    by_records += std::exchange(allocations, 0);
    counting = i >= kWarm;
    if (i % kPerCommit == kPerCommit - 1) {
      version.offsets[0] = offset;
      ++version.v;
      version.replay_from = pipeline.choose_written(offset, now, false);
      CHECK(pipeline.stream_changes(version, take));
      pipeline.commit(version);
    }
    counting = false;
    by_commits += std::exchange(allocations, 0);
  }
  REQUIRE(out.records.empty());
  REQUIRE(pipeline.counts().buckets_closed > 500);
  const int records = kRecords - kWarm, commits = records / kPerCommit;
  MESSAGE(by_records << " allocations by " << records << " records, " << by_commits << " by " << commits
                     << " commits, " << changes << " changes in all");
  CHECK(by_records <= 20);  // a month ahead, timers are grouped by the hour
  CHECK(by_commits < static_cast<std::uint64_t>(commits) * 30);  // the meta record, lists of what is dirty
}
