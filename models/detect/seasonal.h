// Seasonal notices a value that is unusual for this time of day, and of the week.
//
//   expected = level + tod[half hour] + w how[hour of week] + mean,  w = d/(d + 0.33), d = weeks in which the hour was seen
//   z = (x - expected) / max(1.2533 deviation spread[half hour], floor)
//
// mean, deviation: of the residuals, memory 1000 samples. spread: how loud a half hour is against the day, 1/4 to 4, since
// noise follows activity. Learning, from the residual clipped to +-4 scales: level gain 0.01, tod max(0.03, 1/visits), how
// max(0.05, 1/visits); for steps shorter than 5 minutes the gains shrink in proportion, so that they mean the same per
// day. A slot's first day teaches that slot alone: it is the daily shape, not a change of the level. While the rhythm is
// not known (two days; by week: a week), what is left over is not noise and teaches no scale.
// Gate: silent until this half hour was seen on two earlier days (by week: and this hour of the week once before) and 24
// residuals are known. Slots are the customer's local time: at a change of clock the skipped hour stays unvisited, the
// repeated one counts once. Gap: nothing moves.
// Cost: about 25 ns. State: 120 B and 8 B a slot (48, or 48 + 168). Clock and allocation: none.
// Not for: holidays, rhythms that shift, samples rarer than six hours.
#pragma once

#include <cstdint>
#include <span>

#include "models/detect/sample.h"

namespace proactive::models {

class Seasonal {
 public:
  // When a season of a week begins to speak. known_week: as above. known_day: as a season of a day does; what the weekday
  // adds then counts w = d/(d + 1).
  enum class Start : std::uint8_t { known_week, known_day };
  constexpr explicit Seasonal(Start start = Start::known_week) : start_(start) {}

  static constexpr int kDaysBeforeSpeaking = 2;
  static constexpr std::size_t kDaySlots = 48, kWeekSlots = 168;

  struct State {
    double level = 0;
    float mean = 0, deviation = 0;
    std::uint32_t n = 0;          // samples
    std::uint32_t residuals = 0;  // of them, those behind mean and deviation
    std::uint16_t spread[kDaySlots] = {256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256,
                                       256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256,
                                       256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256,
                                       256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256};
    // deviation of each half hour, in 1/256 of `deviation`
  };
  static_assert(sizeof(State) == 120);
  struct Slot {
    float mean = 0;
    std::uint8_t visits = 0, days = 0;  // both stop at 255
    std::uint16_t last_day = 0;         // Context::local_day of the last visit
  };
  static_assert(sizeof(Slot) == 8);

  // Scores x, then learns it. `week` is empty for a season of a day. REQUIRES: x finite, floor > 0, day of kDaySlots.
  [[nodiscard]] Reading update(State& state, std::span<Slot> day, std::span<Slot> week, double x,
                               double floor, const Context& context) const;
  [[nodiscard]] bool sane(const State& state) const;
  [[nodiscard]] bool sane(const Slot& slot) const;
  // Days before today on which the slot was seen.
  [[nodiscard]] static int earlier_days(const Slot& slot, std::uint16_t today);

 private:
  Start start_;
};

}  // namespace proactive::models
