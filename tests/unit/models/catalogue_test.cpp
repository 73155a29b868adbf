// jump, drift, stuck, rate, forecast and silence against recursions and probabilities written outside (make_catalogue.py).
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "models/detect/drift.h"
#include "models/detect/forecast.h"
#include "models/detect/jump.h"
#include "models/detect/rate.h"
#include "models/detect/silence.h"
#include "models/detect/stuck.h"
#include "tests/unit/models/csv.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

using namespace std::chrono_literals;

struct Reference {
  double x, value, extra;
  bool silent;  // the model says nothing
};

std::vector<Reference> references_of(const std::string& model) {
  std::vector<Reference> out;
  for (const auto& row : read_reference("catalogue.csv")) {
    if (row[0] == model) out.push_back({number(row[1]), number(row[2]), number(row[3]), row[2].empty()});
  }
  REQUIRE(out.size() >= 60);
  return out;
}

// State is float, and its rounding adds up over a series.
constexpr double kTolerance = 2e-4;

TEST_CASE("jump, drift and stuck follow their written recursions") {
  Jump::State jump;
  for (const Reference& r : references_of("jump")) {
    const Reading reading = Jump().update(jump, r.x, 0.05, 1);
    REQUIRE(reading.ready == !r.silent);
    if (reading.ready) CHECK(reading.z == doctest::Approx(r.value).epsilon(kTolerance).scale(1));
  }
  Drift::State drift;
  for (const Reference& r : references_of("drift")) {
    const Reading reading = Drift().update(drift, r.x);
    REQUIRE(reading.ready == !r.silent);
    if (!reading.ready) continue;
    CHECK(reading.z == doctest::Approx(r.value).epsilon(kTolerance).scale(1));
    CHECK(reading.calm_z.value_or(reading.z) == doctest::Approx(r.extra).epsilon(kTolerance).scale(1));
  }
  Stuck::State stuck;
  double lowest = 0;
  for (const Reference& r : references_of("stuck")) {
    const Reading reading = Stuck().update(stuck, r.x, 0.05, 1);
    REQUIRE(reading.ready == !r.silent);
    if (reading.ready) CHECK(reading.z == doctest::Approx(r.value).epsilon(kTolerance).scale(1));
    lowest = std::min(lowest, reading.z);
  }
  CHECK(lowest < -3);  // the end of the series stands still
}

TEST_CASE("rate gives the mid-p of a negative binomial") {
  Rate::State state;
  for (const Reference& r : references_of("rate")) {
    CHECK(Rate().score(state, r.x, r.extra, Direction::either).surprise ==
          doctest::Approx(r.value).epsilon(1e-3).scale(1e-2));
    Rate().learn(state, r.x, r.extra);
  }
}

TEST_CASE("forecast gives the probability of an inverse Gaussian time") {
  Forecast::State state;
  const Forecast forecast({100, Direction::high, 288});
  bool spoke = false;
  for (const Reference& r : references_of("forecast")) {
    const Forecast::Verdict verdict = forecast.update(state, r.x, 0.05, 1);
    REQUIRE(verdict.ready == !r.silent);
    if (verdict.ready) CHECK(verdict.probability == doctest::Approx(r.value).epsilon(1e-3).scale(1e-3));
    spoke = spoke || verdict.speaks;
  }
  CHECK(spoke);
}

TEST_CASE("silence gives the probability of a log-normal gap") {
  Silence::State state;
  int compared = 0;
  for (const Reference& r : references_of("silence")) {
    const auto gap = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(r.x));
    Silence().learn(state, gap);
    CHECK(Silence().surprise(state, 10 * gap) == doctest::Approx(r.value).epsilon(kTolerance).scale(1e-3));
    compared += r.value > 0 ? 1 : 0;
  }
  CHECK(compared >= 5);
}

TEST_CASE("a gap reaches the deadline exactly when its probability does") {
  Silence::State state;
  Noise noise(1);
  for (int i = 0; i < 100; ++i) {
    Silence().learn(state, Duration(static_cast<std::int64_t>(60e6 * math::exp(0.9 * noise.normal()))));
  }
  for (const double surprise : {1.5, 3.0, 6.0, 12.0}) {
    const Duration at = Silence().deadline(state, surprise);
    CHECK(Silence().surprise(state, at) >= surprise - 1e-6);
    CHECK(Silence().surprise(state, at - 1s) < surprise);
  }
}

TEST_CASE("a regular sender is not silent before three of its intervals") {
  Silence::State state;
  for (int i = 0; i < 50; ++i) Silence().learn(state, 60s);

  CHECK(Silence().surprise(state, 179s) == 0);
  CHECK(Silence().surprise(state, 181s) > 1.5);
  CHECK(static_cast<double>(Silence().deadline(state, 0.1).count()) == doctest::Approx(180e6).epsilon(1e-3));
  // At a time of day when gaps are ten times as long, ten times as long is normal.
  CHECK(Silence().surprise(state, 600s, 10) == 0);
}

TEST_CASE("before ten gaps nobody is silent") {
  Silence::State state;
  for (int i = 0; i < 9; ++i) Silence().learn(state, 60s);
  CHECK(Silence().surprise(state, 24h) == 0);
  Silence().learn(state, 60s);
  CHECK(Silence().surprise(state, 24h) > 5);
}

TEST_CASE("mere noise does not reach a limit that is five deviations away") {
  int spoke = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Forecast::State state;
    Noise noise(seed);
    const Forecast forecast({5, Direction::high, 288});
    bool once = false;
    for (int i = 0; i < 2000; ++i) once = once || forecast.update(state, noise.normal(), 0.05, 1).speaks;
    spoke += once ? 1 : 0;
  }
  CHECK(spoke <= 2);
}

TEST_CASE("a slope is foreseen hours before it reaches its limit, on either side") {
  for (const bool falls : {false, true}) {
    int foreseen = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Forecast::State state;
      Noise noise(seed);
      const Forecast forecast({falls ? -40.0 : 40.0, falls ? Direction::low : Direction::high, 288});
      for (int i = 0; i < 1000; ++i) {
        const double slope = std::max(0, i - 500) * 0.1;  // reaches 40 at 900
        const double x = (falls ? -slope : slope) + noise.normal();
        if (forecast.update(state, x, 0.05, 1).speaks && i < 900 - 48) {
          foreseen += 1;
          CHECK(i > 500);
          break;
        }
      }
    }
    CHECK(foreseen >= 19);
  }
}

TEST_CASE("the negative binomial of a rate learns how bursty counts are") {
  Rate::State calm, bursty;
  Noise noise(2);
  for (int i = 0; i < 2000; ++i) {
    Rate().learn(calm, noise.poisson(20), 1);
    Rate().learn(bursty, noise.poisson(20 * noise.exponential()), 1);
  }
  CHECK(calm.dispersion < 1.6F);
  CHECK(bursty.dispersion > 5);
  CHECK(Rate().score(calm, 60, 1, Direction::high).surprise > 8);
  CHECK(Rate().score(bursty, 60, 1, Direction::high).surprise < 3);
}

TEST_CASE("a burst of an hour does not become the usual rate") {
  Rate::State state;
  Noise noise(3);
  for (int i = 0; i < 500; ++i) Rate().learn(state, noise.poisson(5), 1);
  for (int i = 0; i < 12; ++i) Rate().learn(state, 500, 1);

  CHECK(Rate().mean(state) < 10);
  CHECK(Rate().score(state, 500, 1, Direction::high).surprise > 6);
}

}  // namespace
}  // namespace proactive::models
