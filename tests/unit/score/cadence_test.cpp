#include "daemon/score/cadence.h"

#include <doctest/doctest.h>

#include "daemon/score/alarm.h"

namespace proactive::daemon {

using std::chrono::minutes;

TEST_CASE("the cadence is the median gap, whatever single gaps say") {
  Cadence cadence;
  CHECK(cadence.step() == Cadence::kUnknown);
  for (int i = 0; i < 100; ++i) {
    cadence.learn(i % 5 == 0 ? minutes(90) : minutes(10));
    CHECK((i == 0 || cadence.step() == minutes(10)));
  }

  cadence.learn(minutes(0));
  cadence.learn(minutes(-7));

  CHECK(cadence.step() == minutes(10));
}

TEST_CASE("the cadence follows a new rhythm within sixteen rows") {
  Cadence cadence;
  for (int i = 0; i < 100; ++i) cadence.learn(minutes(10));
  for (int i = 0; i < 16; ++i) cadence.learn(minutes(5));
  CHECK(cadence.step() == minutes(5));
}

TEST_CASE("a stored cadence goes on as if it had not been stored") {
  Cadence cadence;
  for (int i = 1; i < 80; ++i) {
    cadence.learn(Duration(i * 37 % 101 + 1));
    std::string bytes;
    ByteWriter writer(bytes);
    cadence.save(writer);
    ByteReader reader(bytes);
    Cadence loaded;
    REQUIRE(loaded.load(reader));
    CHECK(loaded.step() == cadence.step());
    cadence = loaded;
  }
  std::string damaged("\x20", 1);
  ByteReader reader(damaged);
  CHECK_FALSE(cadence.load(reader));
}

TEST_CASE("an alarm opens at an onset and closes after three quiet rows") {
  Alarm alarm;
  alarm.update(0, 5, 2);  // loud, but no onset
  CHECK_FALSE(alarm.on);
  alarm.update(2, 2, 2);
  CHECK(alarm.on);
  alarm.update(0, 0.5, 2);
  alarm.update(0, 0.5, 2);
  alarm.update(0, 1.1, 2);
  alarm.update(0, 0.5, 2);
  alarm.update(0, 0.5, 2);
  CHECK(alarm.on);
  alarm.update(0, 0.5, 2);
  CHECK_FALSE(alarm.on);
}

}  // namespace proactive::daemon
