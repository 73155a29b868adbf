// What the gauge ensembles add to level, jump and drift, and how their channels are combined.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/detect/frozen.h"
#include "models/detect/onset.h"
#include "models/detect/volatility.h"
#include "tests/unit/models/csv.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

TEST_CASE("volatility follows its written recursion through a spike and an hour of thrice the noise") {
  const auto rows = read_reference("volatility.csv");
  REQUIRE(rows.size() == 800);
  Volatility::State state;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Reading reading = Volatility().update(state, number(rows[i][0]));
    INFO("row ", i);
    CHECK(reading.ready == (i >= 20));
    CHECK(reading.z == doctest::Approx(number(rows[i][1])).epsilon(1e-4).scale(1));
    CHECK(reading.calm_z.value_or(reading.z) == doctest::Approx(number(rows[i][2])).epsilon(1e-4).scale(1));
  }
}

TEST_CASE("frozen follows its written recursion through three stills of a counter") {
  const auto rows = read_reference("frozen.csv");
  REQUIRE(rows.size() == 1200);
  Frozen::State state;
  int spoken = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double surprise = Frozen().update(state, number(rows[i][0]));
    INFO("row ", i);
    CHECK(surprise == doctest::Approx(number(rows[i][1])).epsilon(1e-5).scale(1));
    spoken += surprise > 0 ? 1 : 0;
  }
  CHECK(spoken > 50);
}

TEST_CASE("a series that is still every night is news a few times only") {
  Frozen::State state;
  Noise noise(7);
  int loud_nights = 0, last_loud = -1;
  for (int night = 0; night < 30; ++night) {
    bool spoke = false;
    for (int i = 0; i < 288; ++i) spoke = Frozen().update(state, i >= 188 ? 0 : noise.normal()) > 4 || spoke;
    loud_nights += spoke ? 1 : 0;
    if (spoke) last_loud = night;
  }
  CHECK(loud_nights >= 1);
  CHECK(loud_nights <= 6);
  CHECK(last_loud < 8);
}

TEST_CASE("a constant, however long, is not frozen: it was never anything else") {
  Frozen::State state;
  double loudest = 0;
  for (int i = 0; i < 20000; ++i) loudest = std::max(loudest, Frozen().update(state, 5));

  CHECK(loudest < 3);
}

TEST_CASE("a flat line is heard while it lasts, by its name") {
  for (const EnsembleKind kind : {EnsembleKind::gauge, EnsembleKind::gauge_slim}) {
    Walk walk({kind, Direction::either, {}});
    Noise noise(3);
    for (int i = 0; i < 3000; ++i) (void)walk.step(level_sample(50 + noise.normal()));

    double loudest = 0;
    ModelId top = ModelId::none;
    for (int i = 0; i < 12; ++i) {
      const Score score = walk.step(level_sample(50.25));
      if (score.onset > loudest) top = score.top;
      loudest = std::max(loudest, score.onset);
    }

    CHECK(loudest >= 1.6);
    CHECK(top == ModelId::frozen);
  }
}

TEST_CASE("S is the loudest channel and a fifth of the quieter, one after the other") {
  Walk walk({EnsembleKind::gauge, Direction::either, {}});
  Noise noise(5);
  int heard = 0;
  for (int i = 0; i < 3000; ++i) {
    const Score score = walk.step(level_sample(50 + noise.normal()));
    if (!score.ready) continue;
    double all = 0;
    for (const Contribution& share : score.shares) {
      const double said = double{share.surprise};
      all = std::max(all, said) + 0.2 * std::min(all, said);
    }
    CHECK(score.sum == doctest::Approx(all).epsilon(1e-5).scale(1));
    ++heard;
  }
  CHECK(heard > 2900);
}

TEST_CASE("a ratio that stays the same is one onset, not one in every bucket") {
  const Onset onset({true, true, 1.6, 1.05});
  Onset::State state;
  int onsets = 0;
  for (int i = 0; i < 10; ++i) onsets += onset.update(state, 1.5, kStep) > 0 ? 1 : 0;

  CHECK(onsets == 1);
}

}  // namespace
}  // namespace proactive::models
