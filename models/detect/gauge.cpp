#include "models/detect/gauge.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/base/check.h"
#include "models/detect/ensemble_state.h"
#include "models/detect/heard.h"

namespace proactive::models {
namespace {

constexpr Tail kTail;
constexpr Seasonal kSeasonal(Seasonal::Start::known_day);
// What clean series of three channels show after a while is 3.0 to 4.1; eight blocks of their own then count more.
constexpr double kPriorTypical = 3.1;
constexpr double kLargestZ = 1e6, kBandP = 0.01;
constexpr double kFaint = 1;  // -log10 p: less opens no alarm and holds none, so its echo costs nothing

GaugeVoice update_ewma(LevelState& level, const Sample& sample, double floor, const EnsembleParams& params,
                       const Context& context, Score& score) {
  GaugeVoice voice;
  voice.reading = Ewma().update(level.ewma, sample.x, floor, buckets_since(context), step_hours(context));
  voice.ready = hear(voice.reading, kTail, level.ewma_tail, params.direction, voice.heard);
  if (!voice.ready) {
    // jump and drift may speak before the level's tail does: they need a band too.
    const double half_width =
        voice.reading.ready ? kTail.quantile(level.ewma_tail, kBandP) * voice.reading.scale : 0;
    voice.heard.expected = voice.reading.expected;
    voice.heard.low = voice.reading.expected - half_width;
    voice.heard.high = voice.reading.expected + half_width;
  }
  voice.heard.model = ModelId::ewma;
  voice.heard.samples = level.ewma.n - 1;
  score.shares[0] = share_of_ewma(level, voice.ready, voice.heard.surprise);
  return voice;
}

void update_season(GaugeState& state, std::span<Seasonal::Slot> all, const Sample& sample, double floor,
                   const EnsembleParams& params, const Context& context, GaugeVoice& voice, Score& score) {
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
  voice.ready = true;
  voice.seasonal = true;
  voice.heard = heard;
  voice.reading = season;
  let_season_speak(score, heard.surprise);
}

// A channel beside the level joins, and speaks for the series if it is the loudest. `above`: the side it speaks for.
void add(ModelId model, bool above, std::uint32_t n, std::uint32_t need, std::optional<double> surprise,
         Direction wanted, GaugeVoice& voice, Contribution& share) {
  share = {model, surprise.has_value(), static_cast<std::uint16_t>(std::min(n, need)),
           static_cast<std::uint16_t>(need), 0};
  if (!surprise) return;
  voice.ready = true;
  const double said = on_side(*surprise, above, wanted);
  share.surprise = static_cast<float>(said);
  voice.heard.surprise = together(voice.heard.surprise, said);
  if (said <= voice.loudest) return;
  voice.loudest = said;
  voice.heard.above = above;
  voice.heard.model = model;
  voice.heard.samples = n - 1;
}

// What the past of a channel's memory still says counts only as far as the calm memory agrees.
template <class Calm>
std::optional<double> without_echo(std::optional<double> surprise, const Reading& reading,
                                   Calm calm_surprise) {
  if (!surprise || !reading.calm_z || *surprise < kFaint) return surprise;
  return std::min(*surprise, calm_surprise(*reading.calm_z));
}

std::optional<double> through(Tail::State& tail, const Reading& reading) {
  if (!reading.ready) return std::nullopt;
  const Tail::State before = tail;
  return without_echo(
      kTail.update(tail, std::min(std::fabs(reading.z), kLargestZ)), reading,
      [&before](double z) { return kTail.surprise(before, std::min(std::fabs(z), kLargestZ)); });
}
std::optional<double> through(SideTail& tail, bool density, bool lends, const Reading& reading) {
  if (!density) return through(as<Tail::State>(std::span<std::byte>(tail.bytes)), reading);
  if (!reading.ready) return std::nullopt;
  const DensityTail density_tail(lends);
  DensityTail::State& state = as<DensityTail::State>(std::span<std::byte>(tail.bytes));
  return without_echo(density_tail.update(state, reading.z), reading,
                      [&](double z) { return density_tail.surprise(state, z); });
}

}  // namespace

Layers layers_of(const Ablation& ablation, std::uint8_t cautious_from) {
  return {ablation.own_noise, kPriorTypical, Onset({ablation.onset_memory, ablation.escalation, 1.6, 1.05}),
          cautious_from};
}

std::optional<double> density_surprise(SideTail& tail, const Reading& reading) {
  return through(tail, true, false, reading);
}

void init_gauge(const EnsembleParams& params, std::span<std::byte> state) {
  const auto level = [](LevelState& cold) {
    cold.common.noise.typical = static_cast<float>(kPriorTypical);
    cold.common.noise.weight = kGaugePriorWeight;
  };
  if (params.kind == EnsembleKind::gauge_slim) {
    GaugeSlimState& slim = *std::construct_at(&as<GaugeSlimState>(state));
    level(slim.level);
    return;
  }
  GaugeState& full = *std::construct_at(&as<GaugeState>(state));
  level(full.level);
  if (params.ablation.density_tail) return;
  for (SideTail* tail : {&full.jump_tail, &full.drift_tail}) {
    std::construct_at(&as<Tail::State>(std::span<std::byte>(tail->bytes)));
  }
}

GaugeVoice listen_to_gauge(const EnsembleParams& params, std::span<std::byte> state, const Sample& sample,
                           const Context& context, Score& score) {
  const bool slim = params.kind == EnsembleKind::gauge_slim;
  const Ablation& with = params.ablation;
  LevelState& level = as<LevelState>(state);
  const ScaleFloor scale_floor;
  const double floor = scale_floor.floor(level.floor);
  scale_floor.learn(level.floor, sample.x);

  GaugeVoice voice = update_ewma(level, sample, floor, params, context, score);
  if (!slim && with.season != Ablation::Season::never) {
    update_season(as<GaugeState>(state), slots(state, gauge_head(params.kind)), sample, floor, params,
                  context, voice, score);
  }
  voice.loudest = voice.heard.surprise;

  Jump::State& jump = slim ? as<GaugeSlimState>(state).jump : as<GaugeState>(state).jump;
  Drift::State& drift = slim ? as<GaugeSlimState>(state).drift : as<GaugeState>(state).drift;
  const std::uint32_t need = Jump::kSilentUntil + (with.density_tail && !slim ? 0 : Tail::kSilentUntil);
  if (with.jump) {
    const Reading step = Jump().update(jump, sample.x, floor, buckets_since(context));
    add(ModelId::jump, step.z >= 0, jump.n, need,
        slim ? through(as<GaugeSlimState>(state).jump_tail, step)
             : through(as<GaugeState>(state).jump_tail, with.density_tail, true, step),
        params.direction, voice, score.shares[2]);
  }
  if (with.drift && voice.reading.ready) {
    const Reading shift = Drift().update(drift, voice.reading.z);
    add(ModelId::drift, shift.z >= 0, drift.n, need,
        slim ? through(as<GaugeSlimState>(state).drift_tail, shift)
             : through(as<GaugeState>(state).drift_tail, with.density_tail, false, shift),
        params.direction, voice, score.shares[3]);
  }
  if (with.volatility && voice.reading.ready) {
    Volatility::State& volatility =
        slim ? as<GaugeSlimState>(state).volatility : as<GaugeState>(state).volatility;
    Tail::State& tail =
        slim ? as<GaugeSlimState>(state).volatility_tail : as<GaugeState>(state).volatility_tail;
    const Reading loud = Volatility().update(volatility, voice.reading.z);
    add(ModelId::volatility, voice.reading.z >= 0, volatility.n, need, through(tail, loud), params.direction,
        voice, score.shares[4]);
  }
  if (with.frozen) {
    Frozen::State& frozen = slim ? as<GaugeSlimState>(state).frozen : as<GaugeState>(state).frozen;
    const double surprise = Frozen().update(frozen, sample.x);
    add(ModelId::frozen, voice.reading.z >= 0, frozen.n, Frozen::kSilentUntil,
        Frozen().ready(frozen) ? std::optional(surprise) : std::nullopt, params.direction, voice,
        score.shares[5]);
  }
  return voice;
}

Score update_gauge(const EnsembleParams& params, std::span<std::byte> state, const Sample& sample,
                   const Context& context) {
  Score score;
  const GaugeVoice voice = listen_to_gauge(params, state, sample, context, score);
  if (voice.ready) {
    conclude(as<LevelState>(state).common, voice.heard, layers_of(params.ablation), context.elapsed, score);
  }
  return score;
}

}  // namespace proactive::models
