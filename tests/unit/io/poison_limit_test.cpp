#include "daemon/io/poison_limit.h"

#include <doctest/doctest.h>

using proactive::daemon::PoisonLimit;

TEST_CASE("as many bad records in a row as configured are too many, one good one breaks the row") {
  PoisonLimit limit(3, 1.0);
  CHECK_FALSE(limit.add(true));
  CHECK_FALSE(limit.add(true));
  CHECK_FALSE(limit.add(false));
  CHECK_FALSE(limit.add(true));
  CHECK_FALSE(limit.add(true));
  CHECK(limit.add(true));
}

TEST_CASE("the share is judged over the last 1000 records, not sooner") {
  PoisonLimit limit(1000, 0.2);
  bool exceeded = false;
  for (int i = 0; i < 999; ++i) exceeded = exceeded || limit.add(i % 4 == 0);
  CHECK_FALSE(exceeded);  // a quarter is bad, but the window is not full
  CHECK(limit.add(false));
}

TEST_CASE("what was long ago is forgotten") {
  PoisonLimit limit(1000, 0.2);
  for (int i = 0; i < 1000; ++i) limit.add(i < 200);
  CHECK(limit.bad_of_window() == 200);
  CHECK_FALSE(limit.add(false));
  CHECK(limit.bad_of_window() == 199);
}
