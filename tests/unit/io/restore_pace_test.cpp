#include "daemon/io/restore_pace.h"

#include <doctest/doctest.h>

using namespace proactive;
using namespace proactive::daemon;
using namespace std::chrono_literals;

TEST_CASE("what is left takes as long as what went by took") {
  RestorePace pace;
  pace.opened(10'000);
  pace.passed(1'000, 500ms);
  CHECK(pace.remaining(9'000, 0) == Duration(4'500ms));
}

TEST_CASE("a partition that was not opened counts as long as the mean of those that were") {
  RestorePace pace;
  pace.opened(1'000);
  pace.opened(3'000);
  pace.passed(1'000, 1s);
  CHECK(pace.remaining(500, 3) == Duration(6'500ms));
}

TEST_CASE("nothing is known before something went by for a while") {
  RestorePace pace;
  CHECK(pace.remaining(0, 0) == Duration::zero());
  CHECK(pace.remaining(0, 1) == std::nullopt);
  pace.opened(1'000);
  CHECK(pace.remaining(1'000, 0) == std::nullopt);
  pace.passed(100, 100ms);
  CHECK(pace.remaining(900, 0) == std::nullopt);
  pace.passed(0, 10s);  // it stands still
  CHECK(pace.remaining(900, 0).has_value());
  RestorePace still;
  still.opened(1'000);
  still.passed(0, 10s);
  CHECK(still.remaining(1'000, 0) == std::nullopt);
}

TEST_CASE("the estimate follows the present pace, not that of long ago") {
  RestorePace pace;
  pace.opened(1'000'000);
  for (int i = 0; i < 100; ++i) pace.passed(1'000, 1s);
  for (int i = 0; i < 100; ++i) pace.passed(10, 1s);
  const auto remaining = pace.remaining(1'000, 0);
  REQUIRE(remaining.has_value());
  CHECK(*remaining > 95s);
  CHECK(*remaining < 105s);
}
