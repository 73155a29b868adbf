// ForecasterChoice lets the better of two forecasters of a series speak: both predict, score and learn, but only the one
// with the smaller mean absolute error (each error clipped at 5 of its scales, memory 300 samples) is heard.
// Cost: about 3 ns. State: 12 B. Clock and allocation: none.
#pragma once

#include <cstdint>

#include "models/detect/sample.h"

namespace proactive::models {

class ForecasterChoice {
 public:
  struct State {
    float first_error = 0, second_error = 0;
    std::uint32_t n = 0;
  };
  static_assert(sizeof(State) == 12);

  // Of what was learnt before now. Undecided, the second speaks: it opens late, and only where it knows something.
  [[nodiscard]] bool second_is_better(const State& state) const {
    return state.second_error <= state.first_error;
  }
  // REQUIRES: both readings are ready.
  void learn(State& state, const Reading& first, const Reading& second) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
