// OwnNoise knows how loud a series usually is, so that one threshold fits all.
//
//   blocks of 200 samples; typical = mean of the blocks' maxima of S, spread = 1.11 * their mean absolute deviation
//   ratio = S / typical                           p = 1 - exp(-exp(-(S - a)/b)), Gumbel with b = max(0.05 typical, spread)
//
// ratio is what rules compare with theta. p is the chance that a quiet block holds such an S: 0.01 means about one
// false alarm in 20,000 samples. One block moves typical by at most itself, over a weight of 15 (the prior) to 50;
// from a weight of 25 on upwards by at most half of itself: what then is far louder is an incident, and a series whose incidents were
// its usual noise would be deaf to the next.
// The prior, typical 2.5 and spread 0.7, is what clean series of one channel show: docs/models/calibration.md.
// Cost: about 20 ns. State: 16 B. Clock and allocation: none.
#pragma once

#include <cstdint>

namespace proactive::models {

class OwnNoise {
 public:
  struct State {
    float typical = 2.5F, spread = 0.7F, block_max = 0;
    std::uint8_t weight = 15, in_block = 0;
    std::uint16_t reserved = 0;
  };
  static_assert(sizeof(State) == 16);

  [[nodiscard]] double ratio(const State& state, double sum) const;
  // What a ratio is divided by while little of the series is known: 1 + 0.5 exp(-samples / 350), 1 after 2000. Heavy tails look
  // like incidents until they were seen. `prior_weight`: the weight that the state began with.
  [[nodiscard]] double caution(const State& state, std::uint8_t prior_weight) const;
  [[nodiscard]] double p(const State& state, double sum) const;
  void learn(State& state, double sum) const;  // after scoring
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
