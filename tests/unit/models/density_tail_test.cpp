#include "models/detect/density_tail.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/unit/models/csv.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

constexpr double kSample = 1 << 19;

// z in the middle of the bin that is `k` bins off the centre.
double middle(int k) { return std::sinh(k / 6.0); }

TEST_CASE("a density tail that has seen nothing gives the probabilities of a Student t") {
  double beyond[38] = {};  // mass of the bins from k outwards, on one side
  int rows = 0;
  for (const auto& row : read_reference("detectors.csv")) {
    if (row[0] != "density_prior") continue;
    beyond[static_cast<int>(number(row[1]))] = number(row[5]);
    ++rows;
  }
  REQUIRE(rows == 37);
  for (int k = 36; k-- > 0;) beyond[k] += beyond[k + 1];

  for (const int k : {1, 5, 12, 20, 30}) {
    const double total = 2 * beyond[0] - (beyond[0] - beyond[1]);
    INFO("bin ", k);
    CHECK(DensityTail(true).surprise({}, middle(k)) ==
          doctest::Approx(-std::log10(2 * beyond[k] / total)).epsilon(4e-3));  // masses are whole units
    CHECK(DensityTail(true).surprise({}, -middle(k)) == DensityTail(true).surprise({}, middle(k)));
  }
  CHECK(DensityTail(true).surprise({}, 0) == 0);
}

TEST_CASE("bins are those of asinh") {
  CHECK(DensityTail::bin_of(0) == 36);
  for (const int k : {-35, -7, 1, 20, 36})
    CHECK(DensityTail::bin_of(middle(k)) == static_cast<std::size_t>(36 + k));
  CHECK(DensityTail::bin_of(1e30) == 72);
  CHECK(DensityTail::bin_of(-1e30) == 0);
}

TEST_CASE("a value in a gap is odd, and one that was often seen is not, however large") {
  DensityTail::State state;
  for (int i = 0; i < 3000; ++i) {
    (void)DensityTail(true).update(state, i % 10 == 0 ? 40.0 : i % 10 == 5 ? -40.0 : 0.0);
  }

  CHECK(DensityTail(true).surprise(state, 40) < 1);
  CHECK(DensityTail(true).surprise(state, 3.0) > 2);
  CHECK(DensityTail(true).surprise(state, 5.0) > 3);
}

TEST_CASE("small probabilities of a density tail are as rare as they claim") {
  for (const bool heavy : {false, true}) {
    double rare = 0, n = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      DensityTail::State state;
      Noise noise(seed);
      for (int i = 0; i < 10000; ++i) {
        const double surprise = DensityTail(true).update(state, heavy ? noise.student3() : noise.normal());
        if (i < 2000) continue;
        ++n;
        rare += surprise > 3 ? 1 : 0;
      }
    }
    INFO("heavy ", heavy, ": ", rare / n);
    CHECK(rare / n <= 2e-3);
    CHECK(rare / n >= 0.2e-3);
  }
}

TEST_CASE("the counts of a density tail never pass their bound") {
  DensityTail::State state;
  for (int i = 0; i < 100000; ++i) {
    const double surprise = DensityTail(true).update(state, 0.0);
    if (i % 1000 == 0) {
      CHECK(DensityTail(true).sane(state));
      CHECK(surprise == 0);
    }
  }
  CHECK(DensityTail(true).surprise(state, 1e9) < 9);
  CHECK(DensityTail(true).surprise(state, 1e9) > std::log10(4020 * kSample / 20) - 0.7);
}

}  // namespace
}  // namespace proactive::models
