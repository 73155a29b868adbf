#include "tests/bench/quality/lineup.h"

namespace proactive::quality {

using models::EnsembleKind;
using models::EnsembleParams;

std::vector<Detector> shipped_ensembles() {
  return {ensemble_detector("seasonal_week", {EnsembleKind::seasonal_week, Direction::either}),
          ensemble_detector("seasonal_day", {EnsembleKind::seasonal_day, Direction::either}),
          ensemble_detector("level", {EnsembleKind::level, Direction::either})};
}

std::vector<Detector> single_models() { return {}; }
std::vector<Detector> ablations() { return {}; }

}  // namespace proactive::quality
