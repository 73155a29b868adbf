// Who is compared: the shipped ensembles at their shipped thresholds, their models alone, and each ingredient taken away.
#pragma once

#include <vector>

#include "tests/bench/quality/detector.h"
#include "tests/bench/quality/scoring.h"

namespace proactive::quality {

[[nodiscard]] std::vector<Detector> shipped_ensembles();
[[nodiscard]] std::vector<Detector> single_models();
[[nodiscard]] std::vector<Detector> ablations();

// The one that the product takes for a gauge nobody has configured: the first of shipped_ensembles().
inline constexpr double kHighSensitivity = 1.6, kMediumSensitivity = 2.0;
inline constexpr double kQuietHours = 1;

}  // namespace proactive::quality
