#include "daemon/io/memory_budget.h"

#include <doctest/doctest.h>

using namespace proactive::daemon;

namespace {
constexpr std::uint64_t kMiB = 1 << 20;
}

TEST_CASE("a budget is divided by the shares of the design") {
  const auto budget = split_memory(8000 * kMiB, 8, 3);

  REQUIRE(budget.has_value());
  CHECK(budget->state == 4000 * kMiB);
  CHECK(budget->lane_queue == 300 * kMiB);                     // 30 % / 8
  CHECK(budget->fetch_bytes == 8000 * kMiB / 100 * 15 / 120);  // 15 % / (8 lanes x 3 brokers x 5)
  CHECK(budget->producer_queue == 50 * kMiB);                  // 5 % / 8
  CHECK(budget->queue_kbytes() == 150 * 1024);                 // half of it is payload
  CHECK(budget->queue_messages() == 300 * kMiB / 640);
}

TEST_CASE("shares are clamped on both sides") {
  const auto small = split_memory(400 * kMiB, 2, 3);
  REQUIRE(small.has_value());
  CHECK(small->lane_queue == 60 * kMiB);
  CHECK(small->fetch_bytes == 2 * kMiB);
  CHECK(small->producer_queue == 10 * kMiB);

  const auto large = split_memory(64 * 1024 * kMiB, 1, 1);
  REQUIRE(large.has_value());
  CHECK(large->lane_queue == 1024 * kMiB);
  CHECK(large->fetch_bytes == 16 * kMiB);
  CHECK(large->producer_queue == 128 * kMiB);
}

TEST_CASE("a budget below what the lanes need is refused with the need in MiB") {
  const auto budget = split_memory(512 * kMiB, 8, 3);

  REQUIRE_FALSE(budget.has_value());
  CHECK(budget.error().message ==
        "memory_budget is 512 MiB, but the queues of 8 lanes alone need 440 MiB: give at least 880 MiB or "
        "fewer lanes");
}

TEST_CASE("the default budget is a sane share of this machine") {
  CHECK(default_memory_budget() > 64 * kMiB);
}
