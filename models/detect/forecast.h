// Forecast says how likely a signal is to reach a limit within a horizon.
//
//   e = x - (level + trend), clipped to +-3 deviations;   level += trend + 0.1 e;   trend += 0.01 e
//   three clipped errors in a row on one side: level = x;   trend += 0.3 (last step - trend)      it is elsewhere now
//   P = first passage of a walk that starts at the level (math::first_passage), with
//   drift = trend (1 - 9 t^2/trend^2), 0 where that is negative, t = 0.022 s;   sigma^2 = (0.1 s)^2 + horizon t^2
//   s: standard deviation of e, memory 200
//
// 0.022 s is how far the trend of mere noise strays: up to three times as much is not believed (a positive-part shrinkage). The
// sigma is that of the level's own walk and of what is not known about the trend; with s itself, noise alone would reach any
// limit near by. Speaks at P >= 0.8 three times running.
// Source: local linear trend, Harvey 1989; shrinkage, James and Stein 1961; first passage, Cox and Miller 1965. Cost: about 1 us. State: 40 B.
// Clock and allocation: none. Silent until 30 samples. Gap: the level moves on by the trend.
// Parameters: limit and side from the rule; horizon in buckets, 1 to 10,000, default 24 hours.
// Output is a probability, not a p-value: it never enters a sum of surprises.
// Not for: steps (the trend overshoots), sawtooth use such as garbage collection. The caller takes a season away first.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/base/score.h"
#include "models/detect/robust.h"

namespace proactive::models {

// Change it when a constant changes: stored states of the old constants then start cold.
inline constexpr std::string_view kForecastParams =
    "forecast 0.1 0.01 200 clip 3 jump 3 0.3; floor 1000 5000 0.05 0.01";

class Forecast {
 public:
  static constexpr std::uint32_t kSilentUntil = 30, kHitsToSpeak = 3;

  struct Params {
    double limit = 0;
    Direction side = Direction::high;  // high: reaches the limit from below; low: from above
    double horizon = 288;              // buckets
  };
  struct State {
    double level = 0, trend = 0;
    Robust error;
    std::uint32_t n = 0;
    std::uint32_t hits = 0;  // scores of at least 0.8 in a row
    float previous = 0;
    std::int32_t beyond = 0;  // errors in a row that were clipped on one side, signed; 3 at most
  };
  static_assert(sizeof(State) == 40);
  // What a state says of the future, whatever the limit.
  struct Trend {
    bool ready = false;
    double level = 0, per_bucket = 0, deviation = 1;
  };
  struct Verdict {
    bool ready = false;
    bool speaks = false;
    double probability = 0;   // 1 where the level is beyond the limit
    double buckets_left = 0;  // at the present trend; the horizon at most
  };

  explicit Forecast(Params params) : params_(params) {}

  // Learns x, then scores: what is said is about the future. `buckets`: how many buckets ago the last sample was.
  // REQUIRES: x finite, floor > 0.
  [[nodiscard]] Verdict update(State& state, double x, double floor, double buckets) const;
  // Its two halves. Learning knows no limit, so one state serves them all; foresee() leaves `speaks` to whoever counts.
  static void learn(State& state, double x, double floor, double buckets);
  [[nodiscard]] Verdict foresee(const Trend& trend) const;
  [[nodiscard]] static Trend trend_of(const State& state, double floor);
  [[nodiscard]] bool sane(const State& state) const;

 private:
  Params params_;
};

}  // namespace proactive::models
