// The ensembles of a share: part of all. Private to Ensemble, which documents cost, bytes and failure.
//
//   ratio        S = -log10 p of ratio
//   ratio_full   S of ratio and drift of ratio's normal score together
#pragma once

#include <span>

#include "models/detect/ensemble.h"

namespace proactive::models {

// Not ready, and nothing changes, where the sample is no share.
[[nodiscard]] Score update_ratio(const EnsembleParams& params, std::span<std::byte> state,
                                 const Sample& sample, const Context& context);
[[nodiscard]] Score update_ratio_full(const EnsembleParams& params, std::span<std::byte> state,
                                      const Sample& sample, const Context& context);

}  // namespace proactive::models
