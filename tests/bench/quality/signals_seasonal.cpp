// Signals with a day.
#include <algorithm>

#include "tests/bench/quality/signals.h"

namespace proactive::quality::fill {
namespace {

// x(i) = phi x(i-1) + noise, of standard deviation 1.
class Autoregression {
 public:
  explicit Autoregression(double phi) : phi_(phi), step_(std::sqrt(1 - phi * phi)) {}
  double next(Random& r) { return x_ = phi_ * x_ + step_ * r.normal(); }

 private:
  double phi_, step_, x_ = 0;
};

double from_peak(const Signal& s, std::size_t i) { return s.day_turn(i) - s.peak_turn; }

}  // namespace

void cpu(Signal& s, Random& r) {
  const double level = r.between(15, 50), cycle = r.between(0, 10), noise = r.between(1, 4);
  s.peak_turn = r.uniform();
  Autoregression ar(r.between(0.3, 0.8));
  s.low = 0;
  s.high = 100;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level + cycle * daily_shape(from_peak(s, i));
    s.x[i] = s.expected[i] + noise * ar.next(r);
  }
}

void daily(Signal& s, Random& r) {
  const double noise = r.magnitude(0.1, 100);
  const double cycle = noise * r.between(5, 20);
  const double level = cycle * r.between(0.2, 3);
  s.peak_turn = r.uniform();
  Autoregression ar(r.between(0, 0.5));
  s.low = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level + cycle * daily_shape(from_peak(s, i));
    s.x[i] = s.expected[i] + noise * ar.next(r);
  }
}

void weekly_requests(Signal& s, Random& r) {
  const double rate = r.magnitude(20, 2000), night = r.between(0.1, 0.4), weekend = r.between(0.4, 0.9);
  const double modulation = r.between(0.01, 0.05);
  s.peak_turn = r.uniform();
  Autoregression ar(0.95);
  s.low = 0;
  s.quantum = 1;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double shape = night + (1 - night) * daily_shape(from_peak(s, i));
    s.expected[i] = rate * shape * (s.weekend(i) ? weekend : 1);
    const double mean = s.expected[i] * (1 + modulation * ar.next(r));
    s.x[i] = r.poisson(std::max(mean, 0.0));
  }
}

void gappy(Signal& s, Random& r) {
  daily(s, r);
  s.jitter_s = 0.2 * static_cast<double>(s.step_s);
  const double lost = r.between(0.01, 0.06);
  for (std::size_t i = 0; i < s.size(); ++i) s.missing[i] = r.chance(lost);
  for (int hole = 0; hole < 3; ++hole) {
    const double begin = r.between(0, 0.95) * static_cast<double>(s.size());
    const double rows = r.between(2, 24) * s.steps_per_hour();
    const auto end = static_cast<std::size_t>(std::min(begin + rows, static_cast<double>(s.size())));
    for (auto i = static_cast<std::size_t>(begin); i < end; ++i) s.missing[i] = true;
  }
}

void clicks(Signal& s, Random& r) {
  const double rate = r.magnitude(5, 500), night = r.between(0.05, 0.5), dispersion = r.between(1.5, 6);
  s.peak_turn = r.uniform();
  s.low = 0;
  s.quantum = 1;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = rate * (night + (1 - night) * daily_shape(from_peak(s, i)));
    s.x[i] = r.negative_binomial(s.expected[i], dispersion);
  }
}

void temperature(Signal& s, Random& r) {
  const double level = r.between(15, 80), day = r.between(0.5, 3), walk = r.between(2, 6),
               noise = r.between(0.1, 0.6);
  s.peak_turn = r.uniform();
  const double hours = r.between(24, 96);  // memory of the walk
  Autoregression ar(math::exp(-1 / (hours * s.steps_per_hour())));
  for (std::size_t i = 0; i < s.size(); ++i) {
    s.expected[i] = level + day * daily_shape(from_peak(s, i)) + walk * ar.next(r);
    s.x[i] = s.expected[i] + noise * r.normal();
  }
}

void nightly_batch(Signal& s, Random& r) {
  const double level = r.between(10, 40), noise = r.between(0.5, 2);
  const double height = noise * r.between(8, 25), turns = r.between(0.03, 0.12);
  s.peak_turn = r.uniform();
  s.low = 0;
  double late = 0;  // each night a few minutes
  for (std::size_t i = 0; i < s.size(); ++i) {
    double turn = from_peak(s, i) + (from_peak(s, i) < -0.5 ? 1 : 0);
    if (turn > 0.5) turn -= 1;
    if (turn < -0.4) late = r.between(0, 0.005);
    const bool runs = turn >= late && turn < late + turns;
    s.expected[i] = level + (runs ? height : 0);
    s.x[i] = s.expected[i] + noise * r.normal();
  }
}

}  // namespace proactive::quality::fill
