// Signals whose level or noise moves while nothing is wrong.
#include <algorithm>
#include <cmath>

#include "tests/bench/quality/signals.h"

namespace proactive::quality::fill {

void bursty(Signal& s, Random& r) {
  const double quiet = r.magnitude(1, 1000), busy = quiet * r.between(2, 6), spread = r.between(0.05, 0.2);
  const double bursts_a_day = r.between(6, 30), rows = r.between(3, 12);
  const double begins = std::min(0.2, bursts_a_day / (24 * s.steps_per_hour()));
  s.low = 0;
  bool busy_now = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    busy_now = busy_now ? !r.chance(1 / rows) : r.chance(begins);
    s.expected[i] = quiet;
    s.x[i] = (busy_now ? busy : quiet) * r.log_normal(spread);
  }
}

void trending(Signal& s, Random& r) {
  const double noise = r.between(0.1, 0.5), rise = noise * r.between(10, 100), level = r.between(10, 40);
  s.quantum = 0.1;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level + rise * static_cast<double>(i) / static_cast<double>(s.size());
    s.x[i] = s.expected[i] + noise * r.normal();
  }
}

void restless(Signal& s, Random& r) {
  const double noise = r.magnitude(0.1, 10), level = noise * r.between(20, 100);
  const double by_hour = r.between(0, 1), by_week = r.between(0.1, 0.5);
  s.peak_turn = r.uniform();
  const double phi = math::exp(-1 / (100 * s.steps_per_hour()));
  double mood = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    mood = phi * mood + std::sqrt(1 - phi * phi) * r.normal();
    const double loud = 1 + by_hour * 2 * daily_shape(s.day_turn(i) - s.peak_turn);
    s.expected[i] = level;
    s.x[i] = level + noise * loud * math::exp(by_week * mood) * r.normal();
  }
}

void wandering(Signal& s, Random& r) {
  const double noise = r.magnitude(0.1, 10), walk = noise * r.between(2, 8);
  const double level = walk * r.between(5, 20), hours = r.between(24, 120);
  const double phi = math::exp(-1 / (hours * s.steps_per_hour()));
  double place = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    place = phi * place + std::sqrt(1 - phi * phi) * r.normal();
    s.expected[i] = level + walk * place;
    s.x[i] = s.expected[i] + noise * r.normal();
  }
}

void sawtooth(Signal& s, Random& r) {
  const double low = r.magnitude(10, 1000), height = low * r.between(0.5, 3), hours = r.between(3, 12);
  const double noise = height * r.between(0.005, 0.03);
  double at = r.uniform(), speed = 0;
  s.low = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (speed <= 0 || at >= 1) {
      if (speed > 0) at = r.between(0, 0.1);
      speed = 1 / (hours * r.between(0.8, 1.25) * s.steps_per_hour());
    }
    at += speed;
    s.expected[i] = low + height * at;
    s.x[i] = s.expected[i] + noise * r.normal();
  }
}

}  // namespace proactive::quality::fill
