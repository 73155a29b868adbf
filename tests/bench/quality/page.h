// docs/models/quality.md, from the tables of report.h and the sentences around them.
#pragma once

#include <string>
#include <vector>

namespace proactive::quality {

struct PageSize {
  int tuning_seeds = 0, reporting_seeds = 0, quiet_seeds = 0;  // series of each signal and cadence
  bool with_ablation = true;
};
inline constexpr PageSize kFullPage{10, 12, 10, true};
inline constexpr PageSize kSmallPage{1, 1, 1, false};  // what a test repeats

struct Page {
  std::string text;
  // Promises that the figures break: "mean F1 0.61 is below 0.65". Empty: none.
  std::vector<std::string> broken;
};
[[nodiscard]] Page quality_page(const PageSize& size);

}  // namespace proactive::quality
