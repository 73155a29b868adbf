// The tables of docs/models/quality.md, as Markdown.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/quality/evaluation.h"

namespace proactive::quality {

// A detector with its settings and what it reached on one split.
struct Entry {
  std::string name, setting;
  Chosen chosen;
  Figures figures;
};

// One row per entry: precision, recall, F1, delay, benchmark score.
[[nodiscard]] std::string overview_table(const std::vector<Entry>& entries);
// F1 by kind of signal; the best of each row is bold.
[[nodiscard]] std::string kind_table(const std::vector<Entry>& entries);
// Recall by kind of fault, and the median delay in rows.
[[nodiscard]] std::string fault_table(const std::vector<Entry>& entries);
// Mean F1 of the kinds, F1 and benchmark score on two splits. REQUIRES: the same detectors in both.
[[nodiscard]] std::string ablation_table(const std::vector<Entry>& tuning,
                                         const std::vector<Entry>& reporting);
// False onsets per 10,000 rows without any fault: the first 1,000 rows and the later ones.
struct QuietEntry {
  std::string name;
  std::vector<QuietFigures> kinds;
};
[[nodiscard]] std::string quiet_table(const std::vector<QuietEntry>& entries);

// Where the first entry is not above each of `others`: "kind: 0.61 against 0.64 of median/MAD".
[[nodiscard]] std::vector<std::string> lost_kinds(const Entry& entry, const std::vector<Entry>& others);

[[nodiscard]] std::string describe(const Detector& detector, const Setting& setting);

}  // namespace proactive::quality
