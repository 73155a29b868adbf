#include "models/detect/gauge.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/base/check.h"
#include "models/detect/ensemble_state.h"
#include "models/detect/heard.h"

namespace proactive::models {
namespace {

constexpr Ewma kEwma(Ewma::Learning::guarded);
constexpr Tail kTail(Tail::Prior::light);
constexpr Seasonal kSeasonal(Seasonal::Start::known_day);
constexpr double kPriorTypical = 3.2;
constexpr double kOthers = 0.2;  // of the channels that are not the loudest
constexpr double kLargestZ = 1e6, kBandP = 0.01;

// What speaks for the level, and its residual.
struct LevelVoice {
  bool ready = false;
  Heard heard;
  Reading reading;
};

LevelVoice update_ewma(LevelState& level, const Sample& sample, double floor, const EnsembleParams& params,
                       const Context& context, Score& score) {
  LevelVoice voice;
  voice.reading = kEwma.update(level.ewma, sample.x, floor, buckets_since(context), step_hours(context));
  // jump and drift may speak before the level's tail does: they need a band too.
  const double half_width =
      voice.reading.ready ? kTail.quantile(level.ewma_tail, kBandP) * voice.reading.scale : 0;
  voice.heard.expected = voice.reading.expected;
  voice.heard.low = voice.reading.expected - half_width;
  voice.heard.high = voice.reading.expected + half_width;
  voice.ready = hear(voice.reading, kTail, level.ewma_tail, params.direction, voice.heard);
  voice.heard.model = ModelId::ewma;
  voice.heard.samples = level.ewma.n - 1;
  score.shares[0] = share_of_ewma(level, voice.ready, voice.heard.surprise);
  return voice;
}

void update_season(GaugeState& state, std::span<Seasonal::Slot> all, const Sample& sample, double floor,
                   const EnsembleParams& params, const Context& context, LevelVoice& voice, Score& score) {
  PROACTIVE_CHECK(context.half_hour < Seasonal::kDaySlots && context.hour_of_week < Seasonal::kWeekSlots);
  score.shares[1] = share_of_season(all[context.half_hour], context.local_day);
  const Reading season = kSeasonal.update(state.seasonal, all.first(Seasonal::kDaySlots),
                                          all.subspan(Seasonal::kDaySlots), sample.x, floor, context);
  const bool better = !voice.ready || params.ablation.season == Ablation::Season::always ||
                      ForecasterChoice().second_is_better(state.choice);
  if (voice.reading.ready && season.ready) ForecasterChoice().learn(state.choice, voice.reading, season);
  Heard heard;
  if (!hear(season, kTail, state.seasonal_tail, params.direction, heard)) return;
  score.shares[1].ready = true;
  if (!better) return;
  heard.model = ModelId::seasonal;
  heard.samples = state.seasonal.n - 1;
  voice = {true, heard, season};
  let_season_speak(score, heard.surprise);
}

// A channel beside the level joins the sum.
class Sum {
 public:
  Sum(const EnsembleParams& params, LevelVoice& voice, Score& score)
      : params_(params), voice_(voice), score_(score) {
    if (voice.ready) total_ = loudest_ = voice.heard.surprise;
  }
  // `place`: of its share; `above`: the side it speaks for.
  void add(ModelId model, std::size_t place, bool above, std::uint32_t n, std::uint32_t need,
           std::optional<double> surprise) {
    Contribution& share = score_.shares[place];
    share = {model, surprise.has_value(), static_cast<std::uint16_t>(std::min(n, need)),
             static_cast<std::uint16_t>(need), 0};
    if (!surprise) return;
    ready_ = true;
    const double said = on_side(*surprise, above, params_.direction);
    share.surprise = static_cast<float>(said);
    total_ += said;
    if (said <= loudest_) return;
    loudest_ = said;
    voice_.heard.above = above;
    voice_.heard.model = model;
    voice_.heard.samples = n - 1;
  }
  [[nodiscard]] double sum() const { return loudest_ + kOthers * (total_ - loudest_); }
  [[nodiscard]] bool ready() const { return ready_ || voice_.ready; }

 private:
  const EnsembleParams& params_;
  LevelVoice& voice_;
  Score& score_;
  double total_ = 0, loudest_ = 0;
  bool ready_ = false;
};

std::optional<double> through(Tail::State& tail, const Reading& reading) {
  if (!reading.ready) return std::nullopt;
  return kTail.update(tail, std::min(std::fabs(reading.z), kLargestZ));
}
std::optional<double> through(SideTail& tail, bool density, const Reading& reading) {
  if (!density) return through(as<Tail::State>(std::span<std::byte>(tail.bytes)), reading);
  if (!reading.ready) return std::nullopt;
  return DensityTail().update(as<DensityTail::State>(std::span<std::byte>(tail.bytes)), reading.z);
}

Layers layers_of(const Ablation& ablation) {
  return {ablation.own_noise, kPriorTypical, Onset({ablation.onset_memory, ablation.escalation, 1.6, 1.05})};
}

}  // namespace

void init_gauge(const EnsembleParams& params, std::span<std::byte> state) {
  const auto level = [](LevelState& cold) {
    cold.ewma_tail = kTail.cold();
    cold.common.noise.typical = static_cast<float>(kPriorTypical);
  };
  if (params.kind == EnsembleKind::gauge_slim) {
    GaugeSlimState& slim = *std::construct_at(&as<GaugeSlimState>(state));
    level(slim.level);
    slim.jump_tail = slim.drift_tail = slim.volatility_tail = kTail.cold();
    return;
  }
  GaugeState& full = *std::construct_at(&as<GaugeState>(state));
  level(full.level);
  full.seasonal_tail = full.volatility_tail = kTail.cold();
  if (params.ablation.density_tail) return;
  for (SideTail* tail : {&full.jump_tail, &full.drift_tail}) {
    std::construct_at(&as<Tail::State>(std::span<std::byte>(tail->bytes)), kTail.cold());
  }
}

Score update_gauge(const EnsembleParams& params, std::span<std::byte> state, const Sample& sample,
                   const Context& context) {
  const bool slim = params.kind == EnsembleKind::gauge_slim;
  const Ablation& with = params.ablation;
  LevelState& level = as<LevelState>(state);
  const ScaleFloor scale_floor;
  const double floor = scale_floor.floor(level.floor);
  scale_floor.learn(level.floor, sample.x);

  Score score;
  LevelVoice voice = update_ewma(level, sample, floor, params, context, score);
  if (!slim && with.season != Ablation::Season::never) {
    update_season(as<GaugeState>(state), slots(state, sizeof(GaugeState)), sample, floor, params, context,
                  voice, score);
  }

  Sum sum(params, voice, score);
  Jump::State& jump = slim ? as<GaugeSlimState>(state).jump : as<GaugeState>(state).jump;
  Drift::State& drift = slim ? as<GaugeSlimState>(state).drift : as<GaugeState>(state).drift;
  const std::uint32_t need_side = Jump::kSilentUntil + (with.density_tail && !slim ? 0 : Tail::kSilentUntil);
  if (with.jump) {
    const Reading step = Jump().update(jump, sample.x, floor, buckets_since(context));
    sum.add(ModelId::jump, 2, step.z >= 0, jump.n, need_side,
            slim ? through(as<GaugeSlimState>(state).jump_tail, step)
                 : through(as<GaugeState>(state).jump_tail, with.density_tail, step));
  }
  if (with.drift && voice.reading.ready) {
    const Reading shift = Drift().update(drift, voice.reading.z);
    sum.add(ModelId::drift, 3, shift.z >= 0, drift.n, need_side,
            slim ? through(as<GaugeSlimState>(state).drift_tail, shift)
                 : through(as<GaugeState>(state).drift_tail, with.density_tail, shift));
  }
  if (with.volatility && voice.reading.ready) {
    Volatility::State& volatility =
        slim ? as<GaugeSlimState>(state).volatility : as<GaugeState>(state).volatility;
    Tail::State& tail =
        slim ? as<GaugeSlimState>(state).volatility_tail : as<GaugeState>(state).volatility_tail;
    const Reading loud = Volatility().update(volatility, voice.reading.z);
    sum.add(ModelId::volatility, 4, voice.reading.z >= 0, volatility.n, need_side, through(tail, loud));
  }
  if (with.frozen) {
    Frozen::State& frozen = slim ? as<GaugeSlimState>(state).frozen : as<GaugeState>(state).frozen;
    const double surprise = Frozen().update(frozen, sample.x);
    const auto heard = Frozen().ready(frozen) ? std::optional(surprise) : std::nullopt;
    sum.add(ModelId::frozen, 5, voice.reading.z >= 0, frozen.n, Frozen::kSilentUntil, heard);
  }
  if (!sum.ready()) return score;
  voice.heard.surprise = sum.sum();
  conclude(level.common, voice.heard, layers_of(with), context.elapsed, score);
  return score;
}

}  // namespace proactive::models
