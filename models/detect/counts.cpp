#include "models/detect/counts.h"

#include <algorithm>
#include <array>
#include <memory>

#include "models/detect/gauge.h"
#include "models/detect/heard.h"

namespace proactive::models {
namespace {

constexpr double kManyFrom = 20, kFewBelow = 10;  // events a bucket
constexpr double kLeastFactor = 0.05, kMostFactor = 20;

double exposure_of(const Sample& sample) { return sample.n > 0 ? sample.n : 1; }

Heard heard_of(const Rate::Verdict& verdict, std::uint32_t n) {
  return {verdict.surprise, verdict.above, verdict.expected, verdict.low, verdict.high, ModelId::rate, n};
}

// A channel beside the rate joins, and speaks if it is the loudest.
void join(const Contribution& said, bool above, std::uint32_t n, double& loudest, Heard& heard) {
  if (!said.ready) return;
  const double surprise = double{said.surprise};
  heard.surprise = together(heard.surprise, surprise);
  if (surprise <= loudest) return;
  loudest = surprise;
  heard.model = said.model;
  heard.above = above;
  heard.samples = n;
}

// How many events this time of day has against all times, where a season is known.
double season_factor(const CountState& state, const GaugeVoice& voice) {
  const double usual = double{state.gauge.level.floor.level};
  if (!voice.seasonal || usual <= 0) return 1;
  return std::clamp(voice.reading.expected / usual, kLeastFactor, kMostFactor);
}

}  // namespace

void init_count(const EnsembleParams& params, std::span<std::byte> state) {
  CountState& count = *std::construct_at(&as<CountState>(state));
  init_gauge(params, state);
  std::construct_at(&count.rate);
  std::construct_at(&count.rate_drift);
}

Score update_event(const EnsembleParams& params, std::span<std::byte> state, const Sample& sample,
                   const Context& context) {
  const double exposure = exposure_of(sample);
  if (!Rate::acceptable(sample.x, exposure)) return {};
  EventState& event = as<EventState>(state);
  const Rate rate;
  const Rate::Verdict verdict = rate.score(event.rate, sample.x, exposure, params.direction);
  Score score;
  score.shares[0] = {ModelId::rate, true, 0, 0, static_cast<float>(verdict.surprise)};
  conclude(event.common, heard_of(verdict, event.rate.n), layers_of({}, 0), context.elapsed, score);
  rate.learn(event.rate, sample.x, exposure);
  return score;
}

Score update_count(const EnsembleParams& params, std::span<std::byte> state, const Sample& sample,
                   const Context& context) {
  const double buckets = exposure_of(sample);
  if (!Rate::acceptable(sample.x, buckets)) return {};
  CountState& count = as<CountState>(state);
  Score score;
  const GaugeVoice voice = listen_to_gauge(params, state, sample, context, score);

  const Rate rate;
  const double exposure = std::max(1e-6, buckets * season_factor(count, voice));
  const Rate::Verdict verdict = rate.score(count.rate, sample.x, exposure, params.direction);
  const std::uint32_t n = count.rate.n;
  rate.learn(count.rate, sample.x, exposure);
  const Reading shift = Drift().update(count.rate_drift, verdict.z);
  const std::optional<double> of_drift = density_surprise(count.rate_drift_tail, shift);

  const double mean = rate.mean(count.rate);
  count.many = mean >= kManyFrom || (count.many != 0 && mean >= kFewBelow) ? 1 : 0;
  Heard heard = voice.heard;
  if (count.many == 0) {
    heard = heard_of(verdict, n);
    const double drift =
        params.ablation.drift && of_drift ? on_side(*of_drift, shift.z >= 0, params.direction) : 0;
    // The gauge learns the counts anyway, and hears in them what lasts: a few too many for hours, a stop.
    const std::array<Contribution, kMostChannels> gauge = score.shares;
    const Drift::State& slow = count.gauge.drift;
    double loudest = heard.surprise;
    score.shares = {};
    score.shares[0] = {ModelId::rate, true, 0, 0, static_cast<float>(verdict.surprise)};
    Contribution& of_shift = score.shares[1];
    of_shift = {ModelId::drift, of_drift.has_value(),
                static_cast<std::uint16_t>(std::min(n, Drift::kSilentUntil)), Drift::kSilentUntil,
                static_cast<float>(drift)};
    bool above = shift.z >= 0;
    if (gauge[3].ready && gauge[3].surprise > of_shift.surprise) {
      of_shift = gauge[3];
      above = slow.f >= slow.usual.mean;
    }
    join(of_shift, above, n, loudest, heard);
    for (const std::size_t channel : {std::size_t{4}, std::size_t{5}}) {
      score.shares[channel - 2] = gauge[channel];
      join(gauge[channel], voice.reading.z >= 0, n, loudest, heard);  // the side that it was let through for
    }
  } else if (!voice.ready) {
    return score;
  }
  conclude(count.gauge.level.common, heard, layers_of(params.ablation), context.elapsed, score);
  return score;
}

}  // namespace proactive::models
