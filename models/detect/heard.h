// From what channels say to what an ensemble says; private to the ensembles.
#pragma once

#include <algorithm>

#include "models/detect/ensemble_state.h"

namespace proactive::models {

// What one channel, or the one that speaks, has to say.
struct Heard {
  double surprise = 0;  // -log10 p
  bool above = false;
  double expected = 0, low = 0, high = 0;
  ModelId model = ModelId::none;
  std::uint32_t samples = 0;
};

// The layers behind the sum that an Ablation can take away.
struct Layers {
  bool own_noise = true;
  double prior_typical = 2.5;  // instead of one's own noise
  Onset onset{};
  std::uint8_t cautious_from =
      0;  // the weight of the prior if a young series is to be cautious; 0: it is not
};

// -log10 p as the wanted side hears it.
[[nodiscard]] inline double on_side(double surprise, bool above, Direction wanted) {
  return wanted == (above ? Direction::low : Direction::high) ? 0 : surprise;
}

// What two channels say that look at the same values: the louder one and a fifth of the other
// (docs/decisions/0015-the-loudest-channel-counts.md).
[[nodiscard]] inline double together(double one, double other) {
  return std::max(one, other) + 0.2 * std::min(one, other);
}

// Gives a reading its tail probability; a reading that is not ready teaches the tail nothing and is not heard.
[[nodiscard]] bool hear(const Reading& reading, const Tail& calibrator, Tail::State& tail, Direction wanted,
                        Heard& heard);

// Own-noise ratio, p, onset and severity of what is heard; all of `score` but its shares. The sum is heard.surprise.
void conclude(NoiseState& state, const Heard& heard, const Layers& layers, Duration elapsed, Score& score);

[[nodiscard]] Contribution share_of_ewma(const LevelState& state, bool ready, double surprise);
// Before the update: days are those before today.
[[nodiscard]] Contribution share_of_season(const Seasonal::Slot& slot, std::uint16_t today);
// seasonal, at 1, speaks for the level instead of ewma, at 0.
void let_season_speak(Score& score, double surprise);

}  // namespace proactive::models
