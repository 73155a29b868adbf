// Signals without a day: one level and its noise, or few distinct values.
#include <algorithm>
#include <cmath>

#include "tests/bench/quality/signals.h"

namespace proactive::quality::fill {
namespace {

// A level and noise about it, by a draw of unit scale.
template <class Draw>
void level_and_noise(Signal& s, double level, double noise, Draw draw) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level;
    s.x[i] = level + noise * draw();
  }
}

}  // namespace

void latency(Signal& s, Random& r) {
  const double level = r.magnitude(5, 500), spread = r.between(0.1, 0.35), slow = r.between(0.0005, 0.005);
  s.low = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level;
    s.x[i] = level * r.log_normal(spread);
    if (r.chance(slow)) s.x[i] *= r.between(1.5, 4);
  }
}

void laplace(Signal& s, Random& r) {
  const double noise = r.magnitude(0.1, 10), level = noise * r.between(20, 100);
  level_and_noise(s, level, noise, [&r] { return r.laplace(); });
}

void student(Signal& s, Random& r) {
  const double noise = r.magnitude(0.1, 10), level = noise * r.between(20, 100);
  level_and_noise(s, level, noise, [&r] { return r.student3(); });
}

void autoregressive(Signal& s, Random& r) {
  const double noise = r.magnitude(0.1, 10), level = noise * r.between(20, 100);
  double before = 0;
  level_and_noise(s, level, noise, [&r, &before] { return before = 0.8 * before + 0.6 * r.normal(); });
}

void quantised(Signal& s, Random& r) {
  const double noise = r.between(0.6, 2), level = r.between(10, 60);
  s.quantum = 1;
  level_and_noise(s, level, noise, [&r] { return r.normal(); });
}

void log_normal(Signal& s, Random& r) {
  const double level = r.magnitude(1, 1000), spread = r.between(0.5, 1);
  s.low = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level;
    s.x[i] = level * r.log_normal(spread);
  }
}

void constant(Signal& s, Random& r) {
  const double level = r.magnitude(1, 1000), share = r.between(0.002, 0.01),
               blip = level * r.between(0.01, 0.2);
  s.low = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level;
    s.x[i] = level;
    if (r.chance(share)) s.x[i] += blip * r.normal();
  }
}

void few_events(Signal& s, Random& r) {
  const double rate = r.magnitude(0.1, 5);
  s.low = 0;
  s.quantum = 1;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = rate;
    s.x[i] = r.poisson(rate);
  }
}

void queue(Signal& s, Random& r) {
  const double starts = r.between(0.003, 0.03), leaves = r.between(0.2, 0.6), size = r.magnitude(2, 30);
  s.low = 0;
  s.quantum = 1;
  double depth = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    depth = r.chance(starts) ? depth + size * r.exponential() : depth * (1 - leaves);
    s.expected[i] = 0;
    s.x[i] = depth;
  }
}

}  // namespace proactive::quality::fill
