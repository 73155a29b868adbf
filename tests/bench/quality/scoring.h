// How alarms are judged. An alarm is a row at or above the threshold that no such row precedes within the quiet time.
// A window counts once if an alarm falls into it; each alarm outside is false; the first 15 % do not count.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "tests/bench/quality/detector.h"

namespace proactive::quality {

// The rows of a trace that could be above any threshold: traces are mostly quiet.
struct Loud {
  std::size_t row = 0;
  float score = 0;
};
[[nodiscard]] std::vector<Loud> loud_rows(const Trace& trace, double least);

struct Setting {
  std::size_t variant = 0;
  double threshold = 0, quiet_hours = 0;
};

// From `first_row` on. REQUIRES: `loud` holds the rows at or above the setting's threshold.
[[nodiscard]] std::vector<std::size_t> alarms_of(const Series& series, std::span<const Loud> loud,
                                                 const Setting& setting, std::size_t first_row);

struct Tally {
  double windows = 0, hits = 0, false_alarms = 0;
  std::vector<double> delays;  // rows from the beginning of the fault to the alarm, of the hits

  void add(const Tally& other);
  [[nodiscard]] double precision() const;
  [[nodiscard]] double recall() const;
  [[nodiscard]] double f1() const;
  [[nodiscard]] double median_delay() const;  // 0 without a hit
};

// By kind of fault; false alarms belong to none and are counted in `all`.
struct Judgement {
  Tally all;
  std::array<Tally, kFaultKinds> by_fault;
};
[[nodiscard]] Judgement judge(const Series& series, std::span<const std::size_t> alarms);

// The Numenta benchmark's standard profile: a window is worth up to 1, the more the earlier; a row above the threshold
// outside costs up to 0.11, the less the closer behind a window; a missed window costs 1. Lavin and Ahmad 2015.
struct NabPoints {
  double points = 0, windows = 0;
  [[nodiscard]] double score()
      const;  // 0: says nothing at all, 100: each window at its first row and nothing else
};
[[nodiscard]] NabPoints nab_points(const Series& series, std::span<const std::size_t> alarms);

}  // namespace proactive::quality
