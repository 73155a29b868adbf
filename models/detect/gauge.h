// The gauge ensembles: a value that is measured, such as a latency, a temperature or a queue's length.
//
//   S = the loudest of -log10 p + 0.2 times the others, of the channels that are ready: level (ewma, or the better of ewma
//   and seasonal), jump, drift, volatility, frozen
//
// Drift and volatility follow the residual of the forecaster that speaks. One odd value is odd for all channels: a plain sum would count
// it three times, and the more so the heavier the tails (docs/decisions/0018-the-loudest-channel-counts.md). Private to Ensemble, which documents cost, bytes and failure.
#pragma once

#include <span>

#include "models/detect/ensemble.h"

namespace proactive::models {

void init_gauge(const EnsembleParams& params, std::span<std::byte> state);
// REQUIRES: a finite value of at most 1e30 in size.
[[nodiscard]] Score update_gauge(const EnsembleParams& params, std::span<std::byte> state,
                                 const Sample& sample, const Context& context);

}  // namespace proactive::models
