// The ensembles of counts: events in a bucket. Private to Ensemble, which documents cost, bytes and failure.
//
//   event   S = -log10 p of rate
//   count   few (a mean below 20): S of rate and drift of rate's normal score together, exposure times the season's factor
//           many: the gauge ensemble, until the mean falls below 10
#pragma once

#include <span>

#include "models/detect/ensemble.h"

namespace proactive::models {

void init_count(const EnsembleParams& params, std::span<std::byte> state);
// Not ready, and nothing changes, where the sample is no count.
[[nodiscard]] Score update_count(const EnsembleParams& params, std::span<std::byte> state,
                                 const Sample& sample, const Context& context);
[[nodiscard]] Score update_event(const EnsembleParams& params, std::span<std::byte> state,
                                 const Sample& sample, const Context& context);

}  // namespace proactive::models
