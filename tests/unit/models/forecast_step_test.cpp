#include <doctest/doctest.h>

#include "models/detect/forecast.h"
#include "models/detect/scale_floor.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

// The largest probability that three hundred steps from `from` on see of reaching `limit` within 72 of them.
struct Watch {
  Forecast::State state;
  ScaleFloor::State floor;

  double step(double x, double limit) {
    const ScaleFloor scale_floor;
    const double least = scale_floor.floor(floor);
    scale_floor.learn(floor, x);
    Forecast::learn(state, x, least, 1);
    Forecast::Params params;
    params.limit = limit;
    params.horizon = 72;
    return Forecast(params).foresee(Forecast::trend_of(state, scale_floor.floor(floor))).probability;
  }
};

TEST_CASE("a step towards the limit is no trend to it, however long ago") {
  Watch watch;
  for (int i = 0; i < 100; ++i) watch.step(100, 300);
  double most = 0;
  for (int i = 0; i < 300; ++i) most = std::max(most, watch.step(200, 300));
  CHECK(most < 0.5);
}

TEST_CASE("a climb that begins behind a rest is seen before half of the way is gone") {
  Watch watch;
  for (int i = 0; i < 100; ++i) watch.step(100, 300);
  int steps = 0;
  while (steps < 100 && watch.step(100 + 2.0 * (steps + 1), 300) < 0.8) ++steps;
  CHECK(steps < 50);
}

}  // namespace
}  // namespace proactive::models
