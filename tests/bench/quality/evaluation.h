// A detector's settings are chosen on one split and its figures are taken on another.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/quality/detector.h"
#include "tests/bench/quality/scoring.h"

namespace proactive::quality {

struct Chosen {
  Setting events;  // the best mean F1 over the kinds of signal
  Setting nab;     // the best score of the Numenta benchmark
};
// One setting over all series. Ties go to the earlier one.
[[nodiscard]] Chosen choose_settings(const Detector& detector, const std::vector<Series>& tuning);

struct KindFigures {
  std::string kind;
  bool reporting_only = false;
  Judgement judgement;
};
struct Figures {
  std::vector<KindFigures> kinds;  // in the order of the suite
  Judgement all;
  NabPoints nab;

  [[nodiscard]] double mean_f1() const;  // over the kinds
  [[nodiscard]] const KindFigures* find(const std::string& kind) const;
};
[[nodiscard]] Figures measure(const Detector& detector, const Chosen& chosen,
                              const std::vector<Series>& suite);

// False onsets per 10,000 rows of clean series, in the first 1,000 rows and after them.
struct QuietFigures {
  std::string kind;
  double first_rows = 0, later_rows = 0, first = 0, later = 0;

  [[nodiscard]] double first_per_10000() const { return first_rows > 0 ? 1e4 * first / first_rows : 0; }
  [[nodiscard]] double later_per_10000() const { return later_rows > 0 ? 1e4 * later / later_rows : 0; }
};
[[nodiscard]] std::vector<QuietFigures> measure_quiet(const Detector& detector, const Setting& setting,
                                                      const std::vector<Series>& clean);

}  // namespace proactive::quality
