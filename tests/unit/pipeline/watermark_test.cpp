#include "daemon/pipeline/watermark.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace proactive;
using namespace std::chrono_literals;
using daemon::Admission;
using daemon::Watermark;
using daemon::WatermarkState;

namespace {

const Timestamp kStart = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)) + 10h;

struct Seen {
  Duration at;
  std::uint64_t customer;
};

std::int64_t us(Duration at) { return (kStart + at).time_since_epoch().count(); }

Watermark after(const std::vector<Seen>& records) {
  Watermark watermark(2min, 5min);
  for (const Seen& record : records) {
    CHECK(watermark.admit(kStart + record.at, kStart + 100h, record.customer) == Admission::in_time);
  }
  return watermark;
}

// Six customers, each once a minute, with nothing between `from` and `to`.
std::vector<Seen> busy(Duration from, Duration to) {
  std::vector<Seen> records;
  for (int minute = 0; minute < 90; ++minute) {
    for (std::uint64_t customer = 0; customer < 6; ++customer) {
      const Duration at = std::chrono::minutes(minute) + std::chrono::seconds(customer * 5);
      if (at < from || at >= to) records.push_back({at, customer});
    }
  }
  return records;
}

}  // namespace

TEST_CASE("the watermark trails the newest event by the lateness and never falls") {
  Watermark watermark(2min, 5min);
  CHECK(watermark.admit(kStart, kStart, 1) == Admission::in_time);
  CHECK(watermark.value() == kStart - 2min);
  CHECK(watermark.admit(kStart - 2min, kStart, 1) == Admission::in_time);
  CHECK(watermark.value() == kStart - 2min);
  CHECK(watermark.admit(kStart - 2min - 1us, kStart, 1) == Admission::late);
}

TEST_CASE("one clock that runs ahead makes nobody else late") {
  Watermark watermark(2min, 5min);
  CHECK(watermark.admit(kStart + 5min, kStart, 1) == Admission::in_time);
  CHECK(watermark.value() == kStart - 2min);
  CHECK(watermark.admit(kStart, kStart, 2) == Admission::in_time);
  CHECK(watermark.admit(kStart - 2min, kStart, 3) == Admission::in_time);
}

TEST_CASE("a clock that is too far ahead is not believed at all") {
  Watermark watermark(2min, 5min);
  CHECK(watermark.admit(kStart, kStart, 1) == Admission::in_time);
  const WatermarkState before = watermark.state();
  CHECK(watermark.admit(kStart + 5min + 1us, kStart, 2) == Admission::ahead);
  CHECK(watermark.admit(kStart + 24h, kStart, 2) == Admission::ahead);
  CHECK(watermark.state().max_event_us == before.max_event_us);
  CHECK(watermark.value() == kStart - 2min);
}

TEST_CASE("a stretch without any record of a busy partition is a hole") {
  const Watermark watermark = after(busy(30min, 50min));
  CHECK(watermark.interrupted(us(35min), us(36min)));
  CHECK(watermark.interrupted(us(20min), us(31min)));
  CHECK_FALSE(watermark.interrupted(us(20min), us(29min)));
  CHECK_FALSE(watermark.interrupted(us(51min), us(60min)));
  CHECK(watermark.resumed_after(us(20min), us(40min)) == us(50min));
}

TEST_CASE("two quiet minutes are no hole, and neither is a gap of a partition where few customers speak") {
  CHECK_FALSE(after(busy(30min, 31min)).interrupted(us(0min), us(80min)));

  std::vector<Seen> few = busy(30min, 50min);
  std::erase_if(few, [](const Seen& record) { return record.customer > 2; });
  CHECK_FALSE(after(few).interrupted(us(0min), us(80min)));
}

TEST_CASE("a partition that always speaks in batches has no hole between them, only where one is missing") {
  for (const auto every : {5min, 15min, 60min}) {
    CAPTURE(every.count());
    const auto batches = [every](int missing) {
      std::vector<Seen> records;
      for (int batch = 0; batch < 24; ++batch) {
        if (batch >= 10 && batch < 10 + missing) continue;
        for (std::uint64_t customer = 0; customer < 6; ++customer) {
          records.push_back({batch * every + std::chrono::seconds(customer), customer});
        }
      }
      return after(records);
    };
    // The first gaps of all are unlike anything before: they count as holes.
    const Duration settled = 3 * every;
    CHECK_FALSE(batches(0).interrupted(us(settled), us(23 * every)));
    CHECK_FALSE(batches(1).interrupted(us(settled), us(23 * every)));
    CHECK(batches(2).interrupted(us(settled), us(23 * every)));
    CHECK(batches(2).resumed_after(us(9 * every + 1min), us(10 * every)) == us(12 * every));
  }
}

TEST_CASE("a hole does not become what is usual") {
  std::vector<Seen> records = busy(20min, 30min);
  std::erase_if(records, [](const Seen& record) { return record.at >= 60min && record.at < 66min; });
  CHECK(after(records).interrupted(us(61min), us(65min)));
}

TEST_CASE("holes depend on the event times alone, not on the order within the lateness") {
  std::vector<Seen> records = busy(30min, 50min);
  const WatermarkState expected = after(records).state();
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng(seed);
    std::vector<std::pair<Duration, Seen>> arrivals;
    for (const Seen& record : records) {
      arrivals.push_back({record.at + std::chrono::seconds(rng() % 119), record});
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Seen> shuffled;
    for (const auto& arrival : arrivals) shuffled.push_back(arrival.second);
    const WatermarkState state = after(shuffled).state();
    REQUIRE(state.next_hole == expected.next_hole);
    CHECK(state.holes[0].start == expected.holes[0].start);
    CHECK(state.holes[0].end == expected.holes[0].end);
    CHECK(state.watermark_us == expected.watermark_us);
  }
}
