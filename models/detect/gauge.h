// The gauge ensembles: a value that is measured, such as a latency, a temperature or a queue's length.
//
//   S: one channel after the other, S = the louder of S and it, and a fifth of the quieter: level (ewma, or the better of
//   ewma and seasonal), jump, drift, volatility, frozen; of those that are ready
//
// Drift and volatility follow the residual of the forecaster that speaks. One odd value is odd to all channels: a plain sum
// would count it three times, and how often that happens differs from series to series (docs/decisions/0012 and 0015).
// Private to Ensemble, which documents cost, bytes and failure.
#pragma once

#include <optional>
#include <span>

#include "models/detect/ensemble.h"
#include "models/detect/heard.h"

namespace proactive::models {

// What the channels say together.
struct GaugeVoice {
  bool ready = false;
  Heard heard;            // surprise: of the channels together; model: the loudest channel
  Reading reading;        // of the forecaster that speaks
  bool seasonal = false;  // ... which is seasonal
  double loudest = 0;
};

void init_gauge(const EnsembleParams& params, std::span<std::byte> state);
// REQUIRES, here and below: a finite value of at most 1e30 in size; `state` begins with a GaugeState or GaugeSlimState.
[[nodiscard]] GaugeVoice listen_to_gauge(const EnsembleParams& params, std::span<std::byte> state,
                                         const Sample& sample, const Context& context, Score& score);
[[nodiscard]] Score update_gauge(const EnsembleParams& params, std::span<std::byte> state,
                                 const Sample& sample, const Context& context);

inline constexpr std::uint8_t kGaugePriorWeight = 8;
[[nodiscard]] Layers layers_of(const Ablation& ablation, std::uint8_t cautious_from = kGaugePriorWeight);
// -log10 p by density, then learns; nullopt while the reading is not ready.
[[nodiscard]] std::optional<double> density_surprise(SideTail& tail, const Reading& reading);

}  // namespace proactive::models
