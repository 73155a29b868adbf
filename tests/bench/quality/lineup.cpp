#include "tests/bench/quality/lineup.h"

namespace proactive::quality {

using models::Ablation;
using models::EnsembleKind;
using models::EnsembleParams;

namespace {

// The gauge ensemble with one thing changed.
template <class Change>
Detector changed(const char* name, Change change) {
  EnsembleParams params{EnsembleKind::gauge, Direction::either, {}};
  change(params.ablation);
  return ensemble_detector(name, params);
}

}  // namespace

std::vector<Detector> shipped_ensembles() {
  return {ensemble_detector("gauge", {EnsembleKind::gauge, Direction::either, {}}),
          ensemble_detector("gauge_slim", {EnsembleKind::gauge_slim, Direction::either, {}})};
}

std::vector<Detector> single_models() {
  return {changed("the better of ewma and seasonal alone",
                  [](Ablation& a) { a.jump = a.drift = a.volatility = a.frozen = false; }),
          changed("ewma alone",
                  [](Ablation& a) {
                    a.jump = a.drift = a.volatility = a.frozen = false;
                    a.season = Ablation::Season::never;
                  }),
          ensemble_detector("rules' `unusual`", {EnsembleKind::level, Direction::either, {}}),
          ensemble_detector("rules' `unusual`, `season: day`",
                            {EnsembleKind::seasonal_day, Direction::either, {}}),
          ensemble_detector("rules' `unusual`, `season: week`",
                            {EnsembleKind::seasonal_week, Direction::either, {}})};
}

std::vector<Detector> ablations() {
  return {
      changed("without jump", [](Ablation& a) { a.jump = false; }),
      changed("without drift", [](Ablation& a) { a.drift = false; }),
      changed("without volatility", [](Ablation& a) { a.volatility = false; }),
      changed("without frozen", [](Ablation& a) { a.frozen = false; }),
      changed("peaks over threshold for jump and drift", [](Ablation& a) { a.density_tail = false; }),
      changed("without own noise", [](Ablation& a) { a.own_noise = false; }),
      changed("without onset memory", [](Ablation& a) { a.onset_memory = false; }),
      changed("without escalation", [](Ablation& a) { a.escalation = false; }),
      changed("without seasonal", [](Ablation& a) { a.season = Ablation::Season::never; }),
      changed("seasonal as soon as it is ready", [](Ablation& a) { a.season = Ablation::Season::always; })};
}

}  // namespace proactive::quality
