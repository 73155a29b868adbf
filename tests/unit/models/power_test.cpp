// Each model notices its own fault within a stated number of buckets, in at least 95 % of seeds, at theta 2.0; the same
// series without the fault stays quiet.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

constexpr int kSeeds = 40;
constexpr double kTheta = 2.0;

// `fault`: what the stream looks like from bucket `begin` on; 0 buckets into it is the first faulty one.
struct Scenario {
  const char* name;
  EnsembleParams params;
  int begin;
  int within;  // buckets
  std::function<Sample(Noise&, std::int64_t i, bool faulty)> draw;
};

struct Outcome {
  int caught = 0, disturbed = 0;  // seeds
};

Outcome try_all(const Scenario& scenario) {
  Outcome outcome;
  for (int seed = 0; seed < kSeeds; ++seed) {
    for (const bool faulty : {false, true}) {
      Noise noise(static_cast<std::uint64_t>(seed) + 100);
      Walk walk(scenario.params);
      for (int i = 0; i < scenario.begin; ++i) (void)walk.step(scenario.draw(noise, i, false));
      bool spoke = false;
      for (int i = scenario.begin; i < scenario.begin + scenario.within; ++i) {
        spoke = walk.step(scenario.draw(noise, i, faulty)).onset >= kTheta || spoke;
      }
      (faulty ? outcome.caught : outcome.disturbed) += spoke ? 1 : 0;
    }
  }
  return outcome;
}

double afternoon_peak(std::int64_t i) { return 100 + 50 * math::sin_turns(static_cast<double>(i) / 288); }

TEST_CASE("each model notices its own fault in time, and its clean twin stays quiet") {
  const Scenario scenarios[] = {
      {"ewma: a spike of eight deviations is noticed at once",
       {EnsembleKind::level, Direction::either},
       2000,
       1,
       [](Noise& n, std::int64_t, bool faulty) {
         return level_sample(40 + 3 * n.normal() + (faulty ? 24 : 0));
       }},
      {"ewma: a drop of seven deviations is noticed within three buckets",
       {EnsembleKind::level, Direction::low},
       2000,
       3,
       [](Noise& n, std::int64_t, bool faulty) {
         return level_sample(40 + 3 * n.normal() - (faulty ? 21 : 0));
       }},
      {"ewma: after a day only, a spike of twelve deviations",
       {EnsembleKind::level, Direction::high},
       288,
       1,
       [](Noise& n, std::int64_t, bool faulty) {
         return level_sample(40 + 3 * n.normal() + (faulty ? 36 : 0));
       }},
      {"seasonal: the daily peak is missing, at a value that is normal at night",
       {EnsembleKind::seasonal_day, Direction::low},
       288 * 7 + 72,
       3,
       [](Noise& n, std::int64_t i, bool faulty) {
         return level_sample((faulty ? 110 : afternoon_peak(i)) + 3 * n.normal());
       }},
      {"seasonal by week: the third Saturday is as busy as a working day",
       {EnsembleKind::seasonal_week, Direction::high},
       288 * 19 + 60,
       12,
       [](Noise& n, std::int64_t i, bool faulty) {
         const bool weekend = i / 288 % 7 >= 5;
         return level_sample((weekend && !faulty ? 0.6 : 1.0) * afternoon_peak(i) + 3 * n.normal());
       }},
      {"ratio: errors rise from 2 % to 15 % of 100 requests",
       {EnsembleKind::ratio, Direction::high},
       500,
       3,
       [](Noise& n, std::int64_t, bool faulty) {
         return share_sample(n.binomial(100, faulty ? 0.15 : 0.02), 100);
       }},
      {"ratio: errors rise from 1 % to 60 % of 8 requests",
       {EnsembleKind::ratio, Direction::high},
       500,
       6,
       [](Noise& n, std::int64_t, bool faulty) {
         return share_sample(n.binomial(8, faulty ? 0.6 : 0.01), 8);
       }},
      {"ratio: successes fall from 97 % to 80 %",
       {EnsembleKind::ratio, Direction::low},
       500,
       3,
       [](Noise& n, std::int64_t, bool faulty) {
         return share_sample(n.binomial(100, faulty ? 0.80 : 0.97), 100);
       }},
  };
  for (const Scenario& scenario : scenarios) {
    const Outcome outcome = try_all(scenario);
    INFO(std::string(scenario.name), ": ", outcome.caught, " caught, ", outcome.disturbed, " disturbed of ",
         kSeeds);
    CHECK(outcome.caught >= 0.95 * kSeeds);
    CHECK(outcome.disturbed <= 1);
  }
}

// The smallest spike, in deviations of the noise, that opens a rule after `samples` quiet ones; mean over 20 seeds.
double smallest_spike(int samples) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Walk walk({EnsembleKind::level, Direction::either});
    Noise noise(seed + 300);
    for (int i = 0; i < samples; ++i) (void)walk.step(level_sample(noise.normal()));
    const std::vector<std::byte> before(walk.state().begin(), walk.state().end());
    double spike = 1;
    while (walk.step(level_sample(spike)).ratio < kTheta && spike < 100) {
      spike += 0.25;
      std::copy(before.begin(), before.end(), walk.state().begin());
    }
    sum += spike / 20;
  }
  return sum;
}

TEST_CASE("ewma becomes keener as it learns the tail of the noise") {
  // docs/models/ewma.md states these.
  CHECK(smallest_spike(288) == doctest::Approx(7.2).epsilon(0.06));
  CHECK(smallest_spike(1000) == doctest::Approx(6.2).epsilon(0.06));
  CHECK(smallest_spike(4000) == doctest::Approx(5.3).epsilon(0.06));
}

TEST_CASE("the level alone does not see a missing peak: that is what the season is for") {
  Walk walk({EnsembleKind::level, Direction::low});
  Noise noise(1);
  for (int i = 0; i < 288 * 7 + 72; ++i)
    (void)walk.step(level_sample(afternoon_peak(i) + 3 * noise.normal()));

  CHECK(walk.step(level_sample(110)).onset < kTheta);
}

TEST_CASE("an incident over a tenth of the series does not hide the next one") {
  Walk walk({EnsembleKind::level, Direction::high});
  Noise noise(2);
  const auto clean = [&] { return level_sample(40 + 3 * noise.normal()); };
  const auto faulty = [&] { return level_sample(40 + 3 * noise.normal() + 30); };
  for (int i = 0; i < 3000; ++i) (void)walk.step(i >= 1000 && i < 1300 ? faulty() : clean());

  bool spoke = false;
  for (int i = 0; i < 3; ++i) spoke = walk.step(faulty()).onset >= kTheta || spoke;
  CHECK(spoke);
}

TEST_CASE("evidence holds what a person needs to see") {
  Walk walk({EnsembleKind::level, Direction::either});
  Noise noise(3);
  for (int i = 0; i < 2000; ++i) (void)walk.step(level_sample(40 + 3 * noise.normal()));

  const Score score = walk.step(level_sample(80));

  CHECK(score.ready);
  CHECK(score.direction == Direction::high);
  CHECK(score.top == ModelId::ewma);
  CHECK(score.samples == 2000);
  CHECK(double{score.expected} == doctest::Approx(40).epsilon(0.03));
  // 99 % of a normal noise of 3 lie within 2.58 deviations
  CHECK(double{score.high} - double{score.expected} == doctest::Approx(3 * 2.58).epsilon(0.15));
  CHECK(double{score.expected} - double{score.low} == doctest::Approx(3 * 2.58).epsilon(0.15));
  CHECK(score.ratio == score.onset);
  CHECK(score.severity > 48);
  CHECK(score.p < 0.01);
  CHECK(score.p > 0);
}

}  // namespace
}  // namespace proactive::models
