// What rate, stuck and silence promise on clean series of their kind.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <string>

#include "models/detect/rate.h"
#include "models/detect/silence.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

struct Row {
  const char* name;
  std::function<double(Noise&)> draw;
  double late_most, early_most;  // share of p < 1e-3, over 1e-3
};

TEST_CASE("the probabilities of rate are at most twice as frequent as they claim, bursty counts included") {
  const Row rows[] = {
      {"Poisson 0.1", [](Noise& n) { return n.poisson(0.1); }, 2, 5},
      {"Poisson 3", [](Noise& n) { return n.poisson(3); }, 2, 5},
      {"Poisson 30", [](Noise& n) { return n.poisson(30); }, 2, 5},
      // A rate that itself scatters: gamma of shape 2, so the variance is 10 + 50.
      {"negative binomial", [](Noise& n) { return n.poisson(5 * (n.exponential() + n.exponential())); }, 2,
       5},
  };
  for (const Row& row : rows) {
    double late = 0, late_rare = 0, early = 0, early_rare = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      Rate::State state;
      Noise noise(900 + seed);
      for (int i = 0; i < 6000; ++i) {
        const double x = row.draw(noise);
        const bool rare = Rate().score(state, x, 1, Direction::either).surprise > 3;
        Rate().learn(state, x, 1);
        if (i < 20) continue;  // a prior of 50 a bucket, held weakly
        (i < 1000 ? early : late) += 1;
        (i < 1000 ? early_rare : late_rare) += rare ? 1 : 0;
      }
    }
    INFO(std::string(row.name), ": late ", 1e3 * late_rare / late, " early ", 1e3 * early_rare / early);
    CHECK(1e3 * late_rare / late <= row.late_most);
    CHECK(1e3 * early_rare / early <= row.early_most);
  }
}

TEST_CASE(
    "the probabilities of silence hold for log-normal gaps, and are cautious for regular and memoryless "
    "ones") {
  const Row rows[] = {
      {"log-normal", [](Noise& n) { return math::exp(5 + 0.9 * n.normal()); }, 2, 5},
      {"exponential", [](Noise& n) { return 100 * n.exponential(); }, 2, 5},
      {"regular", [](Noise& n) { return 60 + n.normal(); }, 0, 0},
  };
  for (const Row& row : rows) {
    double late = 0, late_rare = 0, early = 0, early_rare = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      Silence::State state;
      Noise noise(700 + seed);
      for (int i = 0; i < 3000; ++i) {
        const Duration gap(static_cast<std::int64_t>(1e6 * row.draw(noise)));
        const bool rare = Silence().surprise(state, gap) > 3;
        Silence().learn(state, gap);
        (i < 1000 ? early : late) += 1;
        (i < 1000 ? early_rare : late_rare) += rare ? 1 : 0;
      }
    }
    INFO(std::string(row.name), ": late ", 1e3 * late_rare / late, " early ", 1e3 * early_rare / early);
    CHECK(1e3 * late_rare / late <= row.late_most);
    CHECK(1e3 * early_rare / early <= row.early_most);
  }
}

TEST_CASE("a live signal is hardly ever called stuck") {
  for (const int shape : {0, 1, 2}) {
    double onsets = 0, samples = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Walk walk({EnsembleKind::stuck, Direction::low, {}});
      Noise noise(500 + seed);
      double x = 0;
      for (int i = 0; i < 5000; ++i) {
        x = shape == 0 ? noise.normal() : shape == 1 ? 0.9 * x + noise.normal() : noise.student3();
        onsets += walk.step(level_sample(x)).onset >= 2.0 ? 1 : 0;
        ++samples;
      }
    }
    INFO("shape ", shape, ": ", 1e4 * onsets / samples);
    CHECK(1e4 * onsets / samples <= 1);
  }
}

}  // namespace
}  // namespace proactive::models
