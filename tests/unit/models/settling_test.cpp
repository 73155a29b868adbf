// What a series is given time for: to be known before it alarms easily, and to settle after an incident or a step.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "models/detect/ewma.h"
#include "models/detect/own_noise.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

TEST_CASE(
    "a young series is cautious: by a half at first, by a sixth after 400 samples, no more after 2,000") {
  constexpr std::uint8_t kPrior = 8;
  OwnNoise::State state;
  state.weight = kPrior;
  CHECK(OwnNoise().caution(state, kPrior) == doctest::Approx(1.5));
  int n = 0;
  const auto after = [&](int samples) {
    for (; n < samples; ++n) OwnNoise().learn(state, 3);
    return OwnNoise().caution(state, kPrior);
  };
  CHECK(after(400) == doctest::Approx(1 + 0.5 * std::exp(-400.0 / 350)));
  CHECK(after(1000) == doctest::Approx(1 + 0.5 * std::exp(-1000.0 / 350)));
  CHECK(after(2000) == 1);
  CHECK(after(20000) == 1);  // the weight has stopped
}

TEST_CASE("own noise: an incident moves the typical of a known series by half of itself at most, weighted") {
  OwnNoise::State state;
  for (int i = 0; i < 200 * 40; ++i) OwnNoise().learn(state, i % 200 == 7 ? 4.0 : 0.3);
  const double before = double{state.typical};
  for (int i = 0; i < 200; ++i) OwnNoise().learn(state, i == 100 ? 1e6 : 0.1);

  REQUIRE(state.weight == 50);
  CHECK(double{state.typical} == doctest::Approx(before * (1 + 0.5 / 50)).epsilon(1e-5));
}

// Rows until the level is within 3 scales of the new one.
int rows_to_settle(double step_hours) {
  Ewma::State state;
  Noise noise(11);
  for (int i = 0; i < 2000; ++i) (void)Ewma().update(state, 50 + noise.normal(), 1e-3, 1, step_hours);
  for (int i = 0; i < 5000; ++i) {
    const Reading reading = Ewma().update(state, 1050 + noise.normal(), 1e-3, 1, step_hours);
    if (std::fabs(reading.z) < 3) return i;
  }
  return 5000;
}

TEST_CASE(
    "a new level is accepted after a day, after 300 samples if that is sooner, but not within the hour") {
  CHECK(rows_to_settle(1.0) == doctest::Approx(24 + 40).epsilon(0.3));
  CHECK(rows_to_settle(1.0 / 12) == doctest::Approx(288 + 60).epsilon(0.1));
  CHECK(rows_to_settle(1.0 / 60) == doctest::Approx(300 + 60).epsilon(0.1));
  CHECK(rows_to_settle(1.0 / 3600) == doctest::Approx(3600 + 60).epsilon(0.05));
}

TEST_CASE("drift and volatility say nothing of an incident once values are ordinary again") {
  for (const EnsembleKind kind : {EnsembleKind::gauge, EnsembleKind::gauge_slim}) {
    double echo = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Walk walk({kind, Direction::either});
      Noise noise(seed);
      for (int i = 0; i < 2000; ++i) (void)walk.step(level_sample(noise.normal()));
      for (int i = 0; i < 3; ++i) (void)walk.step(level_sample(15));
      (void)walk.step(level_sample(0.1));
      for (int i = 0; i < 6; ++i) {
        const Score score = walk.step(level_sample(i % 2 == 0 ? 0.3 : -0.3));
        echo = std::max({echo, double{score.shares[3].surprise}, double{score.shares[4].surprise}});
      }
    }
    CHECK(echo < 3);
  }
}

TEST_CASE("few counts that stop are heard within the hour") {
  int stopped = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Walk walk({EnsembleKind::count, Direction::either});
    Noise noise(seed);
    for (int i = 0; i < 2000; ++i) (void)walk.step(level_sample(noise.poisson(2)));
    double loudest = 0;
    for (int i = 0; i < 12; ++i) loudest = std::max(loudest, walk.step(level_sample(0)).onset);
    stopped += loudest >= 1.6 ? 1 : 0;
  }
  CHECK(stopped >= 18);
}

}  // namespace
}  // namespace proactive::models
