#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <span>
#include <vector>

#include "models/detect/ewma.h"
#include "models/detect/forecaster_choice.h"
#include "models/detect/onset.h"
#include "models/detect/own_noise.h"
#include "models/detect/ratio.h"
#include "models/detect/scale_floor.h"
#include "models/detect/seasonal.h"
#include "models/detect/severity.h"
#include "models/detect/tail.h"
#include "tests/unit/models/csv.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

using namespace std::chrono_literals;

double ours(const std::string& what, double a, double b, double c, double d) {
  if (what == "tail") {
    Tail::State state;
    state.u = static_cast<float>(a);
    state.mean_excess = static_cast<float>(b);
    state.mean_square = static_cast<float>(c);
    return Tail().surprise(state, d);
  }
  if (what == "gumbel") {
    OwnNoise::State state;
    state.typical = static_cast<float>(a);
    state.spread = static_cast<float>(b);
    return OwnNoise().p(state, c);
  }
  Ratio::State state;
  state.alpha = static_cast<float>(a);
  state.beta = static_cast<float>(b);
  const Direction side = what == "ratio_high"  ? Direction::high
                         : what == "ratio_low" ? Direction::low
                                               : Direction::either;
  return Ratio().score(state, c, d, side).surprise;
}

TEST_CASE("tail, own noise and ratio give the probabilities that scipy gives") {
  const auto rows = read_reference("detectors.csv");
  REQUIRE(rows.size() > 150);
  for (const std::vector<std::string>& row : rows) {
    if (row[0] == "density_prior") continue;  // density_tail_test.cpp
    const double value = ours(row[0], number(row[1]), number(row[2]), number(row[3]), number(row[4]));
    INFO(row[0], " ", row[1], " ", row[2], " ", row[3], " ", row[4]);
    // State is float: seven digits.
    CHECK(value == doctest::Approx(number(row[5])).epsilon(2e-6).scale(1e-3));
  }
}

TEST_CASE("ewma follows its written recursion through a spike, steps, a gap and a day of another level") {
  const auto rows = read_reference("ewma.csv");
  REQUIRE(rows.size() == 1000);
  Ewma::State state;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Reading reading = Ewma().update(state, number(rows[i][0]), 0.05, number(rows[i][1]), 1.0 / 12);
    INFO("row ", i);
    CHECK(reading.ready == (i >= 20));
    if (i == 0) continue;
    CHECK(reading.z == doctest::Approx(number(rows[i][2])).epsilon(1e-5));
    CHECK(reading.expected == doctest::Approx(number(rows[i][3])).epsilon(1e-7));
  }
}

TEST_CASE("the tail quantile is the inverse of its surprise") {
  Tail::State state;
  Noise noise(3);
  for (int i = 0; i < 3000; ++i) (void)Tail().update(state, std::fabs(noise.student3()));

  for (const double p : {0.02, 0.01, 1e-3, 1e-5}) {
    CHECK(Tail().surprise(state, Tail().quantile(state, p)) == doctest::Approx(-std::log10(p)).epsilon(1e-6));
  }
}

TEST_CASE("the tail's u settles at the 98 % quantile of what it sees") {
  Tail::State state;
  Noise noise(5);
  for (int i = 0; i < 40000; ++i) (void)Tail().update(state, std::fabs(noise.normal()));

  CHECK(state.u == doctest::Approx(2.326).epsilon(0.1));  // P(|Z| > 2.326) = 0.02
}

TEST_CASE("no more evidence is claimed than was seen") {
  Tail::State state;
  for (int i = 0; i < 30; ++i) CHECK_FALSE(Tail().update(state, 1.0).has_value());  // warming up

  CHECK(*Tail().update(state, 1e6) == doctest::Approx(std::log10(280.0) + 3));
}

TEST_CASE("neither one huge deviation nor a long incident blunts the tail for good") {
  for (const int length : {1, 12, 300}) {
    Tail::State state;
    Noise noise(9);
    for (int i = 0; i < 2000; ++i) (void)Tail().update(state, std::fabs(noise.normal()));
    const double before = Tail().surprise(state, 8);

    for (int i = 0; i < length; ++i) (void)Tail().update(state, length == 1 ? 1e6 : 10 + noise.normal());

    INFO(length, " values");
    CHECK(Tail().surprise(state, 8) > 0.5 * before);
  }
}

TEST_CASE("the scale floor keeps quantised and constant series finite") {
  ScaleFloor::State constant;
  for (int i = 0; i < 100; ++i) ScaleFloor().learn(constant, 7.5);
  CHECK(ScaleFloor().floor(constant) == 1e-9);

  ScaleFloor::State two_valued;
  for (int i = 0; i < 1000; ++i) ScaleFloor().learn(two_valued, i % 2);
  CHECK(ScaleFloor().floor(two_valued) ==
        doctest::Approx(0.05 * 1.2533 * 0.5).epsilon(0.02));  // of the deviation

  ScaleFloor::State rare;
  for (int i = 0; i < 1000; ++i) ScaleFloor().learn(rare, i == 500 ? 100 : 0);
  CHECK(ScaleFloor().floor(rare) == doctest::Approx(0.01 * 100).epsilon(0.15));  // of the range
}

TEST_CASE("own noise: typical becomes the mean of the blocks' maxima") {
  OwnNoise::State state;
  for (int i = 0; i < 200 * 400; ++i) OwnNoise().learn(state, i % 200 == 7 ? 4.0 : 0.3);

  CHECK(state.typical == doctest::Approx(4.0).epsilon(0.01));
  CHECK(OwnNoise().ratio(state, 8.0) == doctest::Approx(2.0).epsilon(0.01));
}

TEST_CASE("own noise: one loud block moves typical by at most itself, weighted") {
  OwnNoise::State state;
  for (int i = 0; i < 200; ++i) OwnNoise().learn(state, i == 100 ? 1e9 : 0.1);

  CHECK(state.typical == doctest::Approx(2.5 + 2.5 / 16));
}

TEST_CASE("own noise: a series that never moves is not infinitely sensitive") {
  OwnNoise::State state;
  for (int i = 0; i < 200 * 1000; ++i) OwnNoise().learn(state, 0);

  CHECK(state.typical == doctest::Approx(1.25));
}

TEST_CASE("a lasting problem speaks at its beginning and at each rise by a quarter") {
  Onset::State state;
  struct Row {
    double ratio;
    bool speaks;
  };
  const Row rows[] = {
      {2.0, true},   // it begins
      {2.0, false},  // it lasts
      {2.4, false},  // it grows by a fifth
      {2.52, true},  // by a quarter
      {2.9, false},  // not a quarter more than that
      {1.0, false},  // it is over
  };
  for (const Row& row : rows) CHECK((Onset().update(state, row.ratio, 5min) > 0) == row.speaks);
}

TEST_CASE("the onset's memory is event time: as many hours for minute and hour series") {
  for (const Duration step : {Duration(1min), Duration(1h)}) {
    Onset::State state;
    (void)Onset().update(state, 2.0, step);

    Duration until{};
    while (Onset().update(state, 1.0, step) == 0) until += step;
    // 2.5 exp(-t/18h) < 1 after 16.5 h
    CHECK(until >= 15h);
    CHECK(until <= 17h);
  }
}

TEST_CASE("severity rises from the ratio by the published table") {
  CHECK(severity_of(0.5) == 0);
  CHECK(severity_of(1.0) == 0);
  CHECK(severity_of(1.6) == doctest::Approx(32.97).epsilon(0.001));
  CHECK(severity_of(2.0) == doctest::Approx(48.66).epsilon(0.001));
  CHECK(severity_of(3.0) == doctest::Approx(73.64).epsilon(0.001));
  CHECK(severity_level(severity_of(1.7)) == Severity::low);
  CHECK(severity_level(severity_of(2.0)) == Severity::medium);
  CHECK(severity_level(severity_of(3.0)) == Severity::high);
  CHECK(severity_level(severity_of(4.0)) == Severity::critical);
}

TEST_CASE("the forecaster with the smaller error is heard, and errors are clipped at five scales") {
  ForecasterChoice::State state;
  const auto reading = [](double z, double scale) {
    Reading r;
    r.ready = true;
    r.z = z;
    r.scale = scale;
    return r;
  };
  CHECK(ForecasterChoice().second_is_better(state));  // nothing known yet

  for (int i = 0; i < 50; ++i) ForecasterChoice().learn(state, reading(0.5, 1), reading(0.8, 1));
  CHECK_FALSE(ForecasterChoice().second_is_better(state));

  // A single miss by a million scales counts as five.
  ForecasterChoice().learn(state, reading(1e6, 1), reading(0.8, 1));
  CHECK(state.first_error < 0.7F);
}

// Values of one day's slot at 09:00 on consecutive days.
struct SeasonalAt {
  Seasonal::State state;
  std::vector<Seasonal::Slot> slots = std::vector<Seasonal::Slot>(Seasonal::kDaySlots + Seasonal::kWeekSlots);
  bool week = false;

  Reading at(int day, int half_hour, double x) {
    Context context;
    context.step = 30min;
    context.half_hour = static_cast<std::uint8_t>(half_hour);
    context.hour_of_week = static_cast<std::uint8_t>(day % 7 * 24 + half_hour / 2);
    context.local_day = static_cast<std::uint16_t>(day);
    const std::span<Seasonal::Slot> all(slots);
    return Seasonal().update(state, all.first(Seasonal::kDaySlots),
                             week ? all.subspan(Seasonal::kDaySlots) : std::span<Seasonal::Slot>(), x, 0.01,
                             context);
  }
};

double daily(int half_hour) { return 100 + 40 * math::sin_turns(half_hour / 48.0); }

TEST_CASE("seasonal is silent until a half hour was seen on two earlier days and 24 misses are known") {
  SeasonalAt seasonal;
  for (int day = 0; day < 4; ++day) {
    for (int slot = 0; slot < 48; ++slot) {
      INFO("day ", day, " slot ", slot);
      CHECK(seasonal.at(day, slot, daily(slot)).ready == (day > 2 || (day == 2 && slot >= 24)));
    }
  }
}

TEST_CASE("seasonal by week is silent in its first week and speaks in its third") {
  SeasonalAt seasonal;
  seasonal.week = true;
  for (int day = 0; day < 16; ++day) {
    for (int slot = 0; slot < 48; ++slot) {
      const bool ready = seasonal.at(day, slot, daily(slot)).ready;
      INFO("day ", day, " slot ", slot);
      if (day < 7) CHECK_FALSE(ready);
      if (day >= 15) CHECK(ready);
    }
  }
}

TEST_CASE("seasonal expects the daily shape, and finds its absence unusual where the level would not") {
  SeasonalAt seasonal;
  Noise noise(11);
  for (int day = 0; day < 10; ++day) {
    for (int slot = 0; slot < 48; ++slot) (void)seasonal.at(day, slot, daily(slot) + noise.normal());
  }

  const Reading peak = seasonal.at(10, 12, daily(36));  // the evening's low value at the time of the peak

  CHECK(peak.expected == doctest::Approx(140).epsilon(0.03));
  CHECK(peak.z < -20);
}

TEST_CASE(
    "seasonal by week expects a quiet weekend, which the daily season misses by more than twice as much") {
  SeasonalAt day, week;
  week.week = true;
  Noise noise(12);
  Reading saturday_by_day, saturday_by_week;
  for (int d = 0; d <= 26; ++d) {  // day 26 is a Saturday, day 0 a Monday
    for (int slot = 0; slot < 24; ++slot) {
      const double x = (d % 7 >= 5 ? 0.4 : 1.0) * daily(slot) + noise.normal();
      const Reading by_day = day.at(d, slot, x), by_week = week.at(d, slot, x);
      if (d == 26 && slot == 2) saturday_by_day = by_day, saturday_by_week = by_week;
    }
  }
  const double quiet = 0.4 * daily(2);
  CHECK(std::fabs(saturday_by_week.expected - quiet) < 0.5 * std::fabs(saturday_by_day.expected - quiet));
}

TEST_CASE("the repeated hour at a change of clock counts once a day") {
  SeasonalAt seasonal;
  for (int i = 0; i < 4; ++i) (void)seasonal.at(0, 4, 10);  // 02:00 twice

  CHECK(seasonal.slots[4].days == 1);
  CHECK(seasonal.slots[4].visits == 4);
}

TEST_CASE("ratio refuses what is no share") {
  CHECK(Ratio::acceptable(0, 1));
  CHECK(Ratio::acceptable(5, 5));
  CHECK_FALSE(Ratio::acceptable(6, 5));
  CHECK_FALSE(Ratio::acceptable(0, 0));
  CHECK_FALSE(Ratio::acceptable(-1, 5));
  CHECK_FALSE(Ratio::acceptable(std::nan(""), 5));
  CHECK_FALSE(Ratio::acceptable(1, std::nan("")));
  CHECK_FALSE(Ratio::acceptable(1, INFINITY));
}

TEST_CASE("ratio is never surer than 200 trials and learns a new share within a few hundred steps") {
  Ratio::State state;
  Noise noise(21);
  for (int i = 0; i < 1000; ++i) Ratio().learn(state, noise.binomial(100, 0.02), 100);
  CHECK(double{state.alpha} + double{state.beta} <= 200.001);
  CHECK(double{state.alpha} / 200 == doctest::Approx(0.02).epsilon(0.3));

  for (int i = 0; i < 800; ++i) Ratio().learn(state, noise.binomial(100, 0.1), 100);
  CHECK(double{state.alpha} / 200 == doctest::Approx(0.1).epsilon(0.3));
}

TEST_CASE("one busy incident step does not become the new normal") {
  Ratio::State state;
  for (int i = 0; i < 500; ++i) Ratio().learn(state, 20, 1000);
  const double before = double{state.alpha};

  Ratio().learn(state, 100'000, 100'000);

  CHECK(double{state.alpha} < before + 0.5);  // of 200: a quarter of a point
}

TEST_CASE("a share that never failed can fail once without an outcry") {
  Ratio::State state;
  for (int i = 0; i < 5000; ++i) Ratio().learn(state, 0, 50);

  CHECK(Ratio().score(state, 1, 50, Direction::high).surprise < 2.5);
  CHECK(Ratio().score(state, 20, 50, Direction::high).surprise > 5);
}

}  // namespace
}  // namespace proactive::models
