#include "models/detect/ensemble.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/base/check.h"
#include "models/detect/ensemble_state.h"
#include "models/detect/gauge.h"
#include "models/detect/heard.h"

namespace proactive::models {
namespace {

constexpr double kLargest = 1e30;  // beyond it a float state could overflow
constexpr double kIncident =
    1.6;  // own-noise ratio from which a window does not teach how much a share scatters

Score update_ratio(const EnsembleParams& params, RatioState& state, const Sample& sample,
                   const Context& context) {
  if (!Ratio::acceptable(sample.x, sample.n)) return {};
  const Ratio ratio;
  const Ratio::Verdict verdict = ratio.score(state.ratio, sample.x, sample.n, params.direction);
  const Heard heard{verdict.surprise, verdict.above,  verdict.expected, verdict.low,
                    verdict.high,     ModelId::ratio, state.ratio.n};
  if (OwnNoise().ratio(state.common.noise, verdict.surprise) < kIncident) {
    ratio.learn_scatter(state.ratio, sample.x, sample.n);
  }
  if (Ratio::acceptable(sample.learn_x, sample.learn_n))
    ratio.learn(state.ratio, sample.learn_x, sample.learn_n);
  Score score;
  score.shares[0] = {ModelId::ratio, true, 0, 0, static_cast<float>(heard.surprise)};
  conclude(state.common, heard, {}, context.elapsed, score);
  return score;
}

}  // namespace

Ensemble::Ensemble(EnsembleParams params) : params_(params) {}

std::size_t Ensemble::state_bytes() const {
  switch (params_.kind) {
    case EnsembleKind::level:
      return sizeof(LevelState);
    case EnsembleKind::seasonal_day:
    case EnsembleKind::seasonal_week:
      return sizeof(SeasonalState) +
             (Seasonal::kDaySlots + week_slots(params_.kind)) * sizeof(Seasonal::Slot);
    case EnsembleKind::ratio:
      return sizeof(RatioState);
    case EnsembleKind::gauge:
      return sizeof(GaugeState) + kGaugeSlots * sizeof(Seasonal::Slot);
    case EnsembleKind::gauge_slim:
      return sizeof(GaugeSlimState);
  }
  PROACTIVE_CHECK(false);
}

void Ensemble::init(std::span<std::byte> state) const {
  PROACTIVE_CHECK(state.size() == state_bytes());
  std::fill(state.begin(), state.end(), std::byte{0});  // slots are zero when cold
  if (params_.kind == EnsembleKind::ratio) {
    std::construct_at(&as<RatioState>(state));
  } else if (is_gauge(params_.kind)) {
    init_gauge(params_, state);
  } else if (is_seasonal(params_.kind)) {
    std::construct_at(&as<SeasonalState>(state));
  } else {
    std::construct_at(&as<LevelState>(state));
  }
}

Score Ensemble::update(std::span<std::byte> state, const Sample& sample, const Context& context) const {
  if (params_.kind == EnsembleKind::ratio)
    return update_ratio(params_, as<RatioState>(state), sample, context);
  if (!(std::fabs(sample.x) <= kLargest)) return {};  // NaN compares false
  if (is_gauge(params_.kind)) return update_gauge(params_, state, sample, context);

  LevelState& level = as<LevelState>(state);
  const ScaleFloor scale_floor;
  const double floor = scale_floor.floor(level.floor);
  scale_floor.learn(level.floor, sample.x);

  Score score;
  Heard heard;
  const Reading recent =
      Ewma().update(level.ewma, sample.x, floor, buckets_since(context), step_hours(context));
  bool ready = hear(recent, Tail(), level.ewma_tail, params_.direction, heard);
  heard.model = ModelId::ewma;
  heard.samples = level.ewma.n - 1;
  score.shares[0] = share_of_ewma(level, ready, heard.surprise);

  if (is_seasonal(params_.kind)) {
    PROACTIVE_CHECK(context.half_hour < Seasonal::kDaySlots && context.hour_of_week < Seasonal::kWeekSlots);
    SeasonalState& seasonal = as<SeasonalState>(state);
    const std::span<Seasonal::Slot> all = slots(state);
    score.shares[1] = share_of_season(all[context.half_hour], context.local_day);
    const Reading season = Seasonal().update(seasonal.seasonal, all.first(Seasonal::kDaySlots),
                                             all.subspan(Seasonal::kDaySlots), sample.x, floor, context);
    const bool better = !ready || ForecasterChoice().second_is_better(seasonal.choice);
    if (recent.ready && season.ready) {
      // Where there is a rhythm, ewma was quiet behind a wide scale: how loud it was says nothing about the season.
      if (seasonal.choice.n == 0) level.common.noise = {};
      ForecasterChoice().learn(seasonal.choice, recent, season);
    }
    Heard other;
    const bool heard_season = hear(season, Tail(), seasonal.seasonal_tail, params_.direction, other);
    score.shares[1].ready = heard_season;
    if (heard_season && better) {
      heard = other;
      heard.model = ModelId::seasonal;
      heard.samples = seasonal.seasonal.n - 1;
      ready = true;
      let_season_speak(score, other.surprise);
    }
  }
  if (ready) conclude(level.common, heard, {}, context.elapsed, score);
  return score;
}

}  // namespace proactive::models
