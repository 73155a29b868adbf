// From --kind, --profile and --model to the ensemble that scores the rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/detect/ensemble.h"

namespace proactive::daemon {

struct ModelChoice {
  std::string kind = "gauge";    // gauge, duration, count, event
  std::string profile = "full";  // full, slim
  std::string model;             // empty: the default ensemble of the kind
  Direction direction = Direction::either;
};

// `alone`: the one channel of the ensemble that is listened to; none: all of them.
struct ChosenModels {
  models::EnsembleParams params;
  ModelId alone = ModelId::none;
};

// The models that can run alone.
[[nodiscard]] std::vector<std::string> model_names();
// An unknown model is an error with the nearest name and the list.
[[nodiscard]] Result<ChosenModels> ensemble_for(const ModelChoice& choice);

}  // namespace proactive::daemon
