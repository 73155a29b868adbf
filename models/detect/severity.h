// Severity is the own-noise ratio on a scale for people: 0 at a ratio of 1, 33 at 1.6, 48 at 2, 74 at 3, at most 100.
#pragma once

#include "models/base/score.h"

namespace proactive::models {

[[nodiscard]] float severity_of(double ratio);
[[nodiscard]] Severity severity_level(
    float severity);  // low below 48, medium below 65, high below 80, else critical

}  // namespace proactive::models
