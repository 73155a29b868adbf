// The gauge ensembles: a value that is measured, such as a latency, a temperature or a queue's length.
//
//   S = sum of -log10 p over the channels that are ready: level (ewma, or the better of ewma and seasonal), jump, drift
//
// Drift follows the residual of the forecaster that speaks. The sum is not corrected for channels that move together: the
// own-noise ratio behind it absorbs that. Private to Ensemble, which documents cost, bytes and failure.
#pragma once

#include <span>

#include "models/detect/ensemble.h"

namespace proactive::models {

void init_gauge(const EnsembleParams& params, std::span<std::byte> state);
// REQUIRES: a finite value of at most 1e30 in size.
[[nodiscard]] Score update_gauge(const EnsembleParams& params, std::span<std::byte> state,
                                 const Sample& sample, const Context& context);

}  // namespace proactive::models
