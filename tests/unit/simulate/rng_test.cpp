#include "daemon/simulate/rng.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace proactive::daemon {
namespace {

TEST_CASE("a stream is decided by its key alone") {
  Rng one(7, 1, 2, 3), same(7, 1, 2, 3);
  for (int i = 0; i < 100; ++i) CHECK(one.next() == same.next());

  const std::vector<Rng> others = {Rng(8, 1, 2, 3), Rng(7, 2, 1, 3), Rng(7, 1, 2, 4), Rng(7, 1, 3, 2)};
  const std::uint64_t first = Rng(7, 1, 2, 3).next();
  for (Rng other : others) CHECK(other.next() != first);
}

TEST_CASE("draws follow the distributions that the documentation names") {
  struct Row {
    const char* what;
    double probability;  // closed forms evaluated by Python 3.11: math.erfc, exp, comb, lgamma, fsum
    double tolerance;
    std::function<bool(Rng&)> holds;
  };
  // 200,000 draws have a standard error of at most 0.0011; the rounded normals may err by 0.003 more.
  const std::vector<Row> rows = {
      {"normal, one deviation below", 0.158655, 0.004, [](Rng& rng) { return rng.normal() < -1; }},
      {"normal, two above", 0.022750, 0.0015, [](Rng& rng) { return rng.normal() > 2; }},
      {"exponential under its mean", 0.632121, 0.0045, [](Rng& rng) { return rng.exponential(5) < 5; }},
      {"log-normal under twice its median", 0.917171, 0.0025,
       [](Rng& rng) { return rng.log_normal(6, 0.5) < 12; }},
      {"Poisson(3) = 0, counted out", 0.049787, 0.002, [](Rng& rng) { return rng.poisson(3) == 0; }},
      {"Poisson(3) = 3", 0.224042, 0.004, [](Rng& rng) { return rng.poisson(3) == 3; }},
      {"Poisson(16) <= 10, rounded", 0.077396, 0.006, [](Rng& rng) { return rng.poisson(16) <= 10; }},
      {"Poisson(50) > 65, rounded", 0.017265, 0.004, [](Rng& rng) { return rng.poisson(50) > 65; }},
      {"Binomial(40, 0.02) = 1", 0.363837, 0.0045, [](Rng& rng) { return rng.binomial(40, 0.02) == 1; }},
      {"Binomial(20, 0.7) <= 12, by its failures", 0.227728, 0.004,
       [](Rng& rng) { return rng.binomial(20, 0.7) <= 12; }},
      {"Binomial(400, 0.1) <= 30, rounded", 0.052391, 0.005,
       [](Rng& rng) { return rng.binomial(400, 0.1) <= 30; }},
      {"Binomial(400, 0.1) > 50, rounded", 0.043644, 0.005,
       [](Rng& rng) { return rng.binomial(400, 0.1) > 50; }},
      {"one of three", 1.0 / 3, 0.0045, [](Rng& rng) { return rng.below(3) == 1; }},
  };
  constexpr int kDraws = 200'000;
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Rng rng(20260105);
    int count = 0;
    for (int i = 0; i < kDraws; ++i) count += row.holds(rng);
    CHECK(std::fabs(static_cast<double>(count) / kDraws - row.probability) < row.tolerance);
  }
}

TEST_CASE("counts of nothing are zero and sure outcomes are certain") {
  Rng rng(1);
  CHECK(rng.poisson(0) == 0);
  CHECK(rng.binomial(0, 0.5) == 0);
  CHECK(rng.binomial(9, 0) == 0);
  CHECK(rng.binomial(9, 1) == 9);
  for (int i = 0; i < 1000; ++i) CHECK(rng.binomial(30, 0.95) <= 30);
}

}  // namespace
}  // namespace proactive::daemon
