#include "models/detect/shares.h"

#include <algorithm>

#include "models/base/math.h"
#include "models/detect/gauge.h"
#include "models/detect/heard.h"

namespace proactive::models {
namespace {

constexpr double kIncident =
    1.6;  // own-noise ratio from which a window does not teach how much a share scatters

void learn_share(RatioState& state, const Sample& sample, double surprise) {
  const Ratio ratio;
  if (OwnNoise().ratio(state.common.noise, surprise) < kIncident) {
    ratio.learn_scatter(state.ratio, sample.x, sample.n);
  }
  if (Ratio::acceptable(sample.learn_x, sample.learn_n))
    ratio.learn(state.ratio, sample.learn_x, sample.learn_n);
}

}  // namespace

Score update_ratio(const EnsembleParams& params, std::span<std::byte> bytes, const Sample& sample,
                   const Context& context) {
  if (!Ratio::acceptable(sample.x, sample.n)) return {};
  RatioState& state = as<RatioState>(bytes);
  const Ratio ratio;
  const Ratio::Verdict verdict = ratio.score(state.ratio, sample.x, sample.n, params.direction);
  const Heard heard{verdict.surprise, verdict.above,  verdict.expected, verdict.low,
                    verdict.high,     ModelId::ratio, state.ratio.n};
  learn_share(state, sample, verdict.surprise);
  Score score;
  score.shares[0] = {ModelId::ratio, true, 0, 0, static_cast<float>(heard.surprise)};
  conclude(state.common, heard, {}, context.elapsed, score);
  return score;
}

Score update_ratio_full(const EnsembleParams& params, std::span<std::byte> bytes, const Sample& sample,
                        const Context& context) {
  if (!Ratio::acceptable(sample.x, sample.n)) return {};
  RatioFullState& state = as<RatioFullState>(bytes);
  constexpr double kLog10Of2 = math::kLn2 * math::kLog10e;
  // Both sides are scored, whichever is wanted: drift needs the other one too.
  const Ratio::Verdict verdict = Ratio().score(state.base.ratio, sample.x, sample.n, Direction::either);
  const double one_side = verdict.surprise + kLog10Of2;
  const double size = verdict.surprise > 0 ? math::quick_normal_score(-one_side * math::kLn10) : 0;
  const double said = params.direction == Direction::either ? verdict.surprise
                      : verdict.surprise > 0 ? on_side(one_side, verdict.above, params.direction)
                                             : 0;
  const Reading shift = Drift().update(state.drift, verdict.above ? size : -size);
  const std::optional<double> of_drift = density_surprise(state.drift_tail, shift);
  const double drift =
      params.ablation.drift && of_drift ? on_side(*of_drift, shift.z >= 0, params.direction) : 0;

  Heard heard{said,         verdict.above,  verdict.expected,  verdict.low,
              verdict.high, ModelId::ratio, state.base.ratio.n};
  Score score;
  score.shares[0] = {ModelId::ratio, true, 0, 0, static_cast<float>(said)};
  score.shares[1] = {ModelId::drift, of_drift.has_value(),
                     static_cast<std::uint16_t>(std::min(state.drift.n - 1, Drift::kSilentUntil)),
                     Drift::kSilentUntil, static_cast<float>(drift)};
  if (drift > said) {
    heard.model = ModelId::drift;
    heard.above = shift.z >= 0;
  }
  heard.surprise = together(heard.surprise, drift);
  learn_share(state.base, sample, heard.surprise);
  conclude(state.base.common, heard, layers_of({}, 0), context.elapsed, score);
  return score;
}

}  // namespace proactive::models
