// What is judged: a function from a series, row by row and causal, to one score per row. Ensembles of the product and the
// simple baselines are compared by the same rules.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "models/detect/ensemble.h"
#include "tests/bench/quality/series.h"

namespace proactive::quality {

// One score per row, the higher the odder; 0 while there is none.
using Trace = std::vector<float>;

// A setting of a detector; which one speaks is decided on the tuning split.
struct Variant {
  std::string setting;  // for the page: "200 rows"
  std::function<Trace(const Series&)> run;
};

struct Detector {
  std::string name;
  std::vector<Variant> variants;
  std::vector<double> thresholds;  // to choose from
  // Likewise: alarms closer than this to a row above the threshold are the same one.
  std::vector<double> quiet_hours;
  std::vector<double> benchmark_quiet_hours;  // 0: each row counts, as the benchmark has it
};

// Ensembles are shipped with their settings: one variant, and no more quiet than an hour.
[[nodiscard]] Detector ensemble_detector(std::string name, const models::EnsembleParams& params);
[[nodiscard]] std::vector<Detector> baselines();

}  // namespace proactive::quality
