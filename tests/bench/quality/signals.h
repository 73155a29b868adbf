// Clean signals: what service metrics look like while nothing is wrong. A signal stands on a grid of equal steps; holes in
// the data are marked, so that a fault has its place whether or not its rows arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "tests/bench/quality/random.h"
#include "tests/bench/quality/series.h"

namespace proactive::quality {

struct Signal {
  std::int64_t start_s = 0, step_s = 0;
  std::vector<double> x, expected;  // expected: x without its noise, which faults refer to
  std::vector<bool> missing;
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  double quantum = 0;    // values are multiples of it; 0: any value
  double peak_turn = 0;  // seasonal: when the day's peak is, as a part of the day
  double jitter_s = 0;   // how late a row may come

  Signal(std::int64_t start, std::int64_t step, std::size_t n)
      : start_s(start), step_s(step), x(n), expected(n), missing(n) {}
  [[nodiscard]] std::size_t size() const { return x.size(); }
  [[nodiscard]] double day_turn(std::size_t i) const;  // 0..1 within the day
  [[nodiscard]] bool weekend(std::size_t i) const;
  [[nodiscard]] double steps_per_hour() const { return 3600.0 / static_cast<double>(step_s); }
  // The value that this signal would show: bounded, and rounded to its quantum.
  [[nodiscard]] double shown(double value) const;
  void show_all();
};

struct SignalKind {
  const char* name;
  const char* what;     // for the page
  bool reporting_only;  // never looked at while tuning
  void (*fill)(Signal& signal, Random& random);
  std::vector<FaultKind> faults;
};

[[nodiscard]] std::span<const SignalKind> signal_kinds();

// A day's shape between 0 (night) and 1 (peak), with a shoulder.
[[nodiscard]] double daily_shape(double turns_from_peak);

namespace fill {  // signals_*.cpp
void cpu(Signal& s, Random& r);
void daily(Signal& s, Random& r);
void weekly_requests(Signal& s, Random& r);
void gappy(Signal& s, Random& r);
void latency(Signal& s, Random& r);
void laplace(Signal& s, Random& r);
void autoregressive(Signal& s, Random& r);
void quantised(Signal& s, Random& r);
void constant(Signal& s, Random& r);
void few_events(Signal& s, Random& r);
void queue(Signal& s, Random& r);
void bursty(Signal& s, Random& r);
void trending(Signal& s, Random& r);
void restless(Signal& s, Random& r);
void wandering(Signal& s, Random& r);
void clicks(Signal& s, Random& r);
void temperature(Signal& s, Random& r);
void nightly_batch(Signal& s, Random& r);
void sawtooth(Signal& s, Random& r);
void log_normal(Signal& s, Random& r);
void student(Signal& s, Random& r);
}  // namespace fill

}  // namespace proactive::quality
