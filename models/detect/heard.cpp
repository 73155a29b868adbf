#include "models/detect/heard.h"

#include <algorithm>
#include <cmath>

#include "models/detect/severity.h"

namespace proactive::models {

namespace {
constexpr double kLargestZ = 1e6;  // of a tail statistic: more says nothing more
constexpr double kBandP = 0.01;
}  // namespace

bool hear(const Reading& reading, const Tail& calibrator, Tail::State& tail, Direction wanted, Heard& heard) {
  if (!reading.ready) return false;
  const std::optional<double> surprise = calibrator.update(tail, std::min(std::fabs(reading.z), kLargestZ));
  if (!surprise) return false;
  heard.above = reading.z >= 0;
  heard.surprise = on_side(*surprise, heard.above, wanted);
  heard.expected = reading.expected;
  const double half_width = calibrator.quantile(tail, kBandP) * reading.scale;
  heard.low = reading.expected - half_width;
  heard.high = reading.expected + half_width;
  return true;
}

void conclude(NoiseState& state, const Heard& heard, const Layers& layers, Duration elapsed, Score& score) {
  const OwnNoise own_noise;
  score.ready = true;
  score.sum = heard.surprise;
  score.p = own_noise.p(state.noise, score.sum);
  score.ratio = layers.own_noise ? own_noise.ratio(state.noise, score.sum) : score.sum / layers.prior_typical;
  if (layers.own_noise && layers.cautious_from > 0) {
    score.ratio /= own_noise.caution(state.noise, layers.cautious_from);
  }
  score.onset = layers.onset.update(state.onset, score.ratio, elapsed);
  score.severity = severity_of(score.ratio);
  own_noise.learn(state.noise, score.sum);
  score.direction = heard.above ? Direction::high : Direction::low;
  score.expected = static_cast<float>(heard.expected);
  score.low = static_cast<float>(heard.low);
  score.high = static_cast<float>(heard.high);
  score.top = heard.model;
  score.samples = heard.samples;
}

Contribution share_of_ewma(const LevelState& state, bool ready, double surprise) {
  constexpr std::uint32_t kNeed = Ewma::kSilentUntil + Tail::kSilentUntil;
  const std::uint32_t have = std::min(state.ewma.n - 1, kNeed);
  return {ModelId::ewma, ready, static_cast<std::uint16_t>(have), kNeed, static_cast<float>(surprise)};
}

Contribution share_of_season(const Seasonal::Slot& slot, std::uint16_t today) {
  const int days = std::min(Seasonal::earlier_days(slot, today), Seasonal::kDaysBeforeSpeaking);
  return {ModelId::seasonal, false, static_cast<std::uint16_t>(days), Seasonal::kDaysBeforeSpeaking, 0};
}

void let_season_speak(Score& score, double surprise) {
  score.shares[0].surprise = 0;
  score.shares[1].surprise = static_cast<float>(surprise);
}

}  // namespace proactive::models
