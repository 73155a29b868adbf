#include "daemon/pipeline/timers.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using proactive::daemon::Timer;
using proactive::daemon::Timers;

namespace {

constexpr std::int64_t kSecond = 1'000'000;

}  // namespace

TEST_CASE(
    "timers come out in the order of due time, then of the entity, whatever the order and distance they went "
    "in") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 rng(seed);
    const std::int64_t start = 1'767'571'200 * kSecond;
    Timers timers;
    std::vector<Timer> waiting;
    std::int64_t horizon = start;
    std::uint32_t number = 0;
    std::vector<Timer> taken;
    for (int round = 0; round < 200; ++round) {
      for (auto i = rng() % 20; i > 0; --i) {
        // Near ones, ones beyond the wheel, and some that are due already.
        const std::int64_t reach[] = {kSecond, 3600 * kSecond, 5 * 86'400 * kSecond};
        const auto span = static_cast<std::uint64_t>(reach[rng() % 3]);
        const Timer timer{horizon - kSecond + static_cast<std::int64_t>(rng() % span), rng() % 8, number++,
                          0};
        timers.add(timer);
        waiting.push_back(timer);
      }
      horizon += static_cast<std::int64_t>(rng() % static_cast<std::uint64_t>(7200 * kSecond));
      std::vector<Timer> expected;
      std::copy_if(waiting.begin(), waiting.end(), std::back_inserter(expected),
                   [horizon](const Timer& timer) { return timer.due_us <= horizon; });
      std::erase_if(waiting, [horizon](const Timer& timer) { return timer.due_us <= horizon; });
      std::sort(expected.begin(), expected.end(), [](const Timer& a, const Timer& b) {
        return a.due_us != b.due_us ? a.due_us < b.due_us : a.order < b.order;
      });
      for (const Timer& next : expected) {
        const auto got = timers.take(horizon);
        REQUIRE(got.has_value());
        CHECK(got->due_us == next.due_us);
        CHECK(got->order == next.order);
      }
      CHECK_FALSE(timers.due(horizon));
      CHECK_FALSE(timers.take(horizon).has_value());
    }
    CHECK(timers.size() == waiting.size());
  }
}

TEST_CASE("before the first event nothing is due, though timers of an undone one wait") {
  const std::int64_t start = 1'767'571'200 * kSecond;
  Timers timers;
  timers.add({start + 60 * kSecond, 0, 1, 0});

  CHECK_FALSE(timers.due(INT64_MIN));  // the watermark that has seen nothing

  timers.add({start + kSecond, 0, 2, 0});
  CHECK(timers.take(start + 60 * kSecond)->entity == 2);
  CHECK(timers.take(start + 60 * kSecond)->entity == 1);
}

TEST_CASE("a timer that is added for the second that is running comes out in that second") {
  Timers timers;
  timers.add({10 * kSecond, 1, 1, 0});
  REQUIRE(timers.take(10 * kSecond + 500'000).has_value());

  timers.add({10 * kSecond + 400'000, 2, 2, 0});
  timers.add({10 * kSecond + 600'000, 3, 3, 0});

  const auto first = timers.take(10 * kSecond + 500'000);
  REQUIRE(first.has_value());
  CHECK(first->entity == 2);
  CHECK_FALSE(timers.take(10 * kSecond + 500'000).has_value());
  CHECK(timers.take(10 * kSecond + 600'000)->entity == 3);
}
