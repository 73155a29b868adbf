// What a model is given: one closed bucket and where it stands in time; and what one channel answers.
#pragma once

#include <cstdint>
#include <optional>

#include "models/base/time.h"

namespace proactive::models {

// Values are at most 1e30 in size. A level, scale or slot that a model derives from them stays below this; a stored one
// beyond it is damaged.
inline constexpr double kLargestValue = 1e31;

struct Sample {
  Timestamp t{};  // end of the bucket
  double x = 0;   // the value of the window; counts: events in it; ratio: numerator over the window
  double n =
      0;  // ratio: denominator over the window; counts: exposure in buckets, 0 stands for 1; else ignored
  double learn_x = 0,
         learn_n = 0;  // ratio: the newest step alone, which is what is learnt; level kinds ignore them
};

// Local time is the customer's: the caller resolves the zone.
struct Context {
  Duration elapsed{};             // event time since the last sample; 0 for the first
  Duration step{};                // bucket width
  std::uint8_t half_hour = 0;     // 0..47
  std::uint8_t hour_of_week = 0;  // 0..167, Monday 00 = 0
  std::uint16_t local_day = 0;    // days since the epoch modulo 65536
};

// How many buckets ago the last sample was, at least 1.
[[nodiscard]] inline double buckets_since(const Context& context) {
  if (context.elapsed <= context.step || context.step.count() <= 0) return 1;
  return static_cast<double>(context.elapsed.count()) / static_cast<double>(context.step.count());
}

[[nodiscard]] inline double step_hours(const Context& context) {
  return static_cast<double>(context.step.count()) / 3.6e9;
}

// A forecast of x and how far off it was. Not ready is not a z of 0: nothing may be concluded from it.
struct Reading {
  bool ready = false;
  double z = 0;  // (x - expected) / scale
  double expected = 0;
  double scale = 1;  // one standard deviation, at least the floor
  // Of a memory of past values: the z that it would have had those been clipped early, once the newest is ordinary again. Less
  // than this is its own echo.
  std::optional<double> calm_z{};
};

}  // namespace proactive::models
