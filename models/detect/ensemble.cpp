#include "models/detect/ensemble.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/base/check.h"
#include "models/detect/counts.h"
#include "models/detect/ensemble_state.h"
#include "models/detect/gauge.h"
#include "models/detect/heard.h"
#include "models/detect/shares.h"

namespace proactive::models {
namespace {

constexpr std::uint32_t kNeedOfStuck = Stuck::kSilentUntil + Tail::kSilentUntil;
constexpr double kLargest = 1e30;  // beyond it a float state could overflow

// A value that this series has shown before is at most as surprising as it is rare; of one that it has not, the tail knows more.
void limit_to_news(FamiliarState& familiar, const Reading& reading, Direction wanted, Heard& heard) {
  const bool seen = DensityTail::familiar(familiar.seen, reading.z);
  const double rare = DensityTail(true).update(familiar.seen, reading.z);
  if (!seen) return;
  heard.surprise = std::min(heard.surprise, on_side(rare, heard.above, wanted));
}

Score update_level(const EnsembleParams& params, std::span<std::byte> whole, const Sample& sample,
                   const Context& context) {
  const std::span<std::byte> state = whole.first(whole.size() - familiar_bytes(params));
  LevelState& level = as<LevelState>(state);
  const ScaleFloor scale_floor;
  const double floor = scale_floor.floor(level.floor);
  scale_floor.learn(level.floor, sample.x);

  Score score;
  Heard heard;
  const Reading recent =
      Ewma().update(level.ewma, sample.x, floor, buckets_since(context), step_hours(context));
  bool ready = hear(recent, Tail(), level.ewma_tail, params.direction, heard);
  heard.model = ModelId::ewma;
  heard.samples = level.ewma.n - 1;
  score.shares[0] = share_of_ewma(level, ready, heard.surprise);
  Reading season;
  const Reading* spoke = &recent;

  if (is_seasonal(params.kind)) {
    PROACTIVE_CHECK(context.half_hour < Seasonal::kDaySlots && context.hour_of_week < Seasonal::kWeekSlots);
    SeasonalState& seasonal = as<SeasonalState>(state);
    const std::span<Seasonal::Slot> all = slots(state);
    score.shares[1] = share_of_season(all[context.half_hour], context.local_day);
    season = Seasonal().update(seasonal.seasonal, all.first(Seasonal::kDaySlots),
                               all.subspan(Seasonal::kDaySlots), sample.x, floor, context);
    const bool better = !ready || ForecasterChoice().second_is_better(seasonal.choice);
    if (recent.ready && season.ready) {
      // Where there is a rhythm, ewma was quiet behind a wide scale: how loud it was says nothing about the season.
      if (seasonal.choice.n == 0) level.common.noise = {};
      ForecasterChoice().learn(seasonal.choice, recent, season);
    }
    Heard other;
    const bool heard_season = hear(season, Tail(), seasonal.seasonal_tail, params.direction, other);
    score.shares[1].ready = heard_season;
    if (heard_season && better) {
      heard = other;
      spoke = &season;
      heard.model = ModelId::seasonal;
      heard.samples = seasonal.seasonal.n - 1;
      ready = true;
      let_season_speak(score, other.surprise);
    }
  }
  if (!ready) return score;
  if (is_familiar(params)) {
    limit_to_news(as<FamiliarState>(whole.last(sizeof(FamiliarState))), *spoke, params.direction, heard);
    score.shares[heard.model == ModelId::seasonal ? 1 : 0].surprise = static_cast<float>(heard.surprise);
  }
  conclude(level.common, heard, {}, context.elapsed, score);
  return score;
}

Score update_stuck(std::span<std::byte> state, const Sample& sample, const Context& context) {
  StuckState& s = as<StuckState>(state);
  const ScaleFloor scale_floor;
  const double floor = scale_floor.floor(s.floor);
  scale_floor.learn(s.floor, sample.x);
  const Reading reading = Stuck().update(s.stuck, sample.x, floor, buckets_since(context));
  Score score;
  Heard heard;
  const bool ready = hear(reading, Tail(), s.tail, Direction::low, heard);
  const std::uint32_t have = std::min(s.stuck.n, kNeedOfStuck);
  if (!ready || reading.z == 0) heard.surprise = 0;
  score.shares[0] = {ModelId::stuck, ready, static_cast<std::uint16_t>(have), kNeedOfStuck,
                     static_cast<float>(heard.surprise)};
  const double repeated = Frozen().update(s.frozen, sample.x);
  const bool repeats = Frozen().ready(s.frozen);
  score.shares[1] = {ModelId::frozen, repeats,
                     static_cast<std::uint16_t>(std::min(s.frozen.n, Frozen::kSilentUntil)),
                     Frozen::kSilentUntil, static_cast<float>(repeats ? repeated : 0)};
  if (!ready && !repeats) return score;
  // The band is that of a step, which nobody can draw around a value.
  heard.expected = heard.low = heard.high = sample.x;
  const bool run = repeats && repeated > heard.surprise;
  heard.model = run ? ModelId::frozen : ModelId::stuck;
  heard.samples = run ? s.frozen.n - 1 : s.stuck.n > 0 ? s.stuck.n - 1 : 0;
  if (repeats) heard.surprise = together(heard.surprise, repeated);
  heard.above = false;
  conclude(s.common, heard, {}, context.elapsed, score);
  return score;
}

}  // namespace

Ensemble::Ensemble(EnsembleParams params) : params_(params) {}

std::size_t Ensemble::state_bytes() const {
  switch (params_.kind) {
    case EnsembleKind::level:
      return sizeof(LevelState) + familiar_bytes(params_);
    case EnsembleKind::seasonal_day:
    case EnsembleKind::seasonal_week:
      return sizeof(SeasonalState) +
             (Seasonal::kDaySlots + week_slots(params_.kind)) * sizeof(Seasonal::Slot) +
             familiar_bytes(params_);
    case EnsembleKind::ratio:
      return sizeof(RatioState);
    case EnsembleKind::gauge:
    case EnsembleKind::count:
      return gauge_head(params_.kind) + kGaugeSlots * sizeof(Seasonal::Slot);
    case EnsembleKind::gauge_slim:
      return sizeof(GaugeSlimState);
    case EnsembleKind::event:
      return sizeof(EventState);
    case EnsembleKind::ratio_full:
      return sizeof(RatioFullState);
    case EnsembleKind::stuck:
      return sizeof(StuckState);
  }
  PROACTIVE_CHECK(false);
}

void Ensemble::init(std::span<std::byte> state) const {
  PROACTIVE_CHECK(state.size() == state_bytes());
  std::fill(state.begin(), state.end(), std::byte{0});  // slots are zero when cold
  switch (params_.kind) {
    case EnsembleKind::level:
      std::construct_at(&as<LevelState>(state));
      return;
    case EnsembleKind::seasonal_day:
    case EnsembleKind::seasonal_week:
      std::construct_at(&as<SeasonalState>(state));
      return;
    case EnsembleKind::ratio:
      std::construct_at(&as<RatioState>(state));
      return;
    case EnsembleKind::gauge:
    case EnsembleKind::gauge_slim:
      init_gauge(params_, state);
      return;
    case EnsembleKind::count:
      init_count(params_, state);
      return;
    case EnsembleKind::event:
      std::construct_at(&as<EventState>(state));
      return;
    case EnsembleKind::ratio_full:
      std::construct_at(&as<RatioFullState>(state));
      return;
    case EnsembleKind::stuck:
      std::construct_at(&as<StuckState>(state));
      return;
  }
}

Score Ensemble::update(std::span<std::byte> state, const Sample& sample, const Context& context) const {
  const bool finite = std::fabs(sample.x) <= kLargest;  // NaN compares false
  switch (params_.kind) {
    case EnsembleKind::ratio:
      return update_ratio(params_, state, sample, context);
    case EnsembleKind::ratio_full:
      return update_ratio_full(params_, state, sample, context);
    case EnsembleKind::count:
      return update_count(params_, state, sample, context);
    case EnsembleKind::event:
      return update_event(params_, state, sample, context);
    case EnsembleKind::gauge:
    case EnsembleKind::gauge_slim:
      return finite ? update_gauge(params_, state, sample, context) : Score{};
    case EnsembleKind::stuck:
      return finite ? update_stuck(state, sample, context) : Score{};
    case EnsembleKind::level:
    case EnsembleKind::seasonal_day:
    case EnsembleKind::seasonal_week:
      return finite ? update_level(params_, state, sample, context) : Score{};
  }
  PROACTIVE_CHECK(false);
}

}  // namespace proactive::models
