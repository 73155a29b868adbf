#include "models/detect/ensemble.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/base/check.h"
#include "models/detect/ensemble_state.h"
#include "models/detect/severity.h"

namespace proactive::models {
namespace {

constexpr double kLargest = 1e30;  // beyond it a float state could overflow
constexpr double kLargestZ = 1e6;  // of a tail statistic: more says nothing more
constexpr double kBandP = 0.01;
constexpr double kIncident =
    1.6;  // own-noise ratio from which a window does not teach how much a share scatters

// What one channel, or the one that speaks, has to say.
struct Heard {
  double surprise = 0;  // -log10 p
  bool above = false;
  double expected = 0, low = 0, high = 0;
  ModelId model = ModelId::none;
  std::uint32_t samples = 0;
};

// From what is heard to what is said: own-noise ratio, p, onset, severity.
Score conclude(NoiseState& state, const Heard& heard, Duration elapsed) {
  const OwnNoise own_noise;
  Score score;
  score.ready = true;
  score.sum = heard.surprise;
  score.p = own_noise.p(state.noise, score.sum);
  score.ratio = own_noise.ratio(state.noise, score.sum);
  score.onset = Onset().update(state.onset, score.ratio, elapsed);
  score.severity = severity_of(score.ratio);
  own_noise.learn(state.noise, score.sum);
  score.direction = heard.above ? Direction::high : Direction::low;
  score.expected = static_cast<float>(heard.expected);
  score.low = static_cast<float>(heard.low);
  score.high = static_cast<float>(heard.high);
  score.top = heard.model;
  score.samples = heard.samples;
  return score;
}

bool excluded(Direction wanted, bool above) { return wanted == (above ? Direction::low : Direction::high); }

// Gives a reading its tail probability; a reading that is not ready teaches the tail nothing.
bool hear(const Reading& reading, Tail::State& tail, Direction wanted, Heard& heard) {
  if (!reading.ready) return false;
  const Tail calibrator;
  const std::optional<double> surprise = calibrator.update(tail, std::min(std::fabs(reading.z), kLargestZ));
  if (!surprise) return false;
  heard.above = reading.z >= 0;
  heard.surprise = excluded(wanted, heard.above) ? 0 : *surprise;
  heard.expected = reading.expected;
  const double half_width = calibrator.quantile(tail, kBandP) * reading.scale;
  heard.low = reading.expected - half_width;
  heard.high = reading.expected + half_width;
  return true;
}

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
  return conclude(state.common, heard, context.elapsed);
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
  }
  PROACTIVE_CHECK(false);
}

void Ensemble::init(std::span<std::byte> state) const {
  PROACTIVE_CHECK(state.size() == state_bytes());
  std::fill(state.begin(), state.end(), std::byte{0});  // slots are zero when cold
  if (params_.kind == EnsembleKind::ratio) {
    std::construct_at(&as<RatioState>(state));
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

  LevelState& level = as<LevelState>(state);
  const ScaleFloor scale_floor;
  const double floor = scale_floor.floor(level.floor);
  scale_floor.learn(level.floor, sample.x);

  Heard heard;
  const Reading recent =
      Ewma().update(level.ewma, sample.x, floor, buckets_since(context), step_hours(context));
  bool ready = hear(recent, level.ewma_tail, params_.direction, heard);
  heard.model = ModelId::ewma;
  heard.samples = level.ewma.n - 1;

  if (is_seasonal(params_.kind)) {
    PROACTIVE_CHECK(context.half_hour < Seasonal::kDaySlots && context.hour_of_week < Seasonal::kWeekSlots);
    SeasonalState& seasonal = as<SeasonalState>(state);
    const std::span<Seasonal::Slot> all = slots(state);
    const Reading season = Seasonal().update(seasonal.seasonal, all.first(Seasonal::kDaySlots),
                                             all.subspan(Seasonal::kDaySlots), sample.x, floor, context);
    const bool better = !ready || ForecasterChoice().second_is_better(seasonal.choice);
    if (recent.ready && season.ready) {
      // Where there is a rhythm, ewma was quiet behind a wide scale: how loud it was says nothing about the season.
      if (seasonal.choice.n == 0) level.common.noise = {};
      ForecasterChoice().learn(seasonal.choice, recent, season);
    }
    Heard other;
    if (hear(season, seasonal.seasonal_tail, params_.direction, other) && better) {
      heard = other;
      heard.model = ModelId::seasonal;
      heard.samples = seasonal.seasonal.n - 1;
      ready = true;
    }
  }
  if (!ready) return {};
  return conclude(level.common, heard, context.elapsed);
}

}  // namespace proactive::models
