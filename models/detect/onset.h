// Onset lets a lasting problem speak once at its beginning and again each time it grows by a quarter, not every bucket.
//
//   peak <- peak * exp(-elapsed / 18 h);   onset = ratio if ratio > peak, then peak = 1.25 ratio;   else 0
//
// Below a ratio of 2 peak = ratio: what no rule of medium sensitivity heard must not keep it from hearing the next. The gauge
// ensembles, whose onset is what `score` prints, take 1.6 and 1.05: a ratio that stays the same is not news every bucket.
// Without memory every bucket is news; without escalation peak = ratio always.
// The memory is event time, not samples: minute and hour series need the same hours.
// Cost: about 10 ns. State: 4 B. Clock: the elapsed event time is an argument. Allocation: none.
#pragma once

#include "models/base/time.h"

namespace proactive::models {

class Onset {
 public:
  struct Params {
    bool memory = true, escalation = true;
    double news = 2;   // the ratio from which an onset raises the bar by a quarter
    double below = 1;  // what it raises the bar by below that
  };
  Onset() = default;
  explicit Onset(Params params) : params_(params) {}

  struct State {
    float peak = 0;
  };
  static_assert(sizeof(State) == 4);

  [[nodiscard]] double update(State& state, double ratio, Duration elapsed) const;
  [[nodiscard]] bool sane(const State& state) const;

 private:
  Params params_;
};

}  // namespace proactive::models
