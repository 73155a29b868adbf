// Which stretches of an Ensemble's bytes make which block, and the hashes of their parameters; private to ensemble*.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/detect/block_ids.h"
#include "models/detect/ensemble_state.h"

namespace proactive::models {

// Change a text when a constant of that model changes: stored states of the old constants then start cold.
inline constexpr std::string_view kEwmaParams =
    "ewma 25h 25 100 200 clip 3 still 2 accept 24h 300 1h 0.1; tail 0.02 2000 prior 2.5 0.6 0.72 5 clip 8 3 "
    "run 6";
inline constexpr std::string_view kSeasonalParams =
    "seasonal 0.01 0.03 0.05 0.33 clip 4 scale 1000 spread 0.02 10 4; tail 0.02 2000 prior 2.5 0.6 0.72 5 "
    "clip 8 3 run 6";
inline constexpr std::string_view kRatioParams =
    "ratio prior 0.5 4.5 strength 200 step 2 clip 4 scatter 300 20 9";
inline constexpr std::string_view kFloorParams = "floor 1000 5000 0.05 0.01";
inline constexpr std::string_view kNoiseParams =
    "noise block 200 prior 2.5 0.7 weight 15 50 25 0.5 least 0.5; onset 18h 1.25";
inline constexpr std::string_view kChoiceParams = "choice 300 clip 5";
inline constexpr std::string_view kGaugeSeasonalParams =
    "seasonal known day 0.01 0.03 0.05 1 clip 4 scale 1000 spread 0.02 10 4; tail 0.02 2000 prior 2.5 0.6 "
    "0.72 5 "
    "clip 8 3 run 6";
inline constexpr std::string_view kJumpParams = "jump 1000 clip 4 gap 3";
inline constexpr std::string_view kDriftParams = "drift 12 20 2000 clip 4 floor 0.1 calm 3 2";
inline constexpr std::string_view kVolatilityParams = "volatility 20 6 2000 clip 4 floor 0.1 calm 2.5 2";
inline constexpr std::string_view kFrozenParams =
    "frozen 1000 20 prior 0.05 longer 1.5 2 growth 2 5 kept 0.9999 beyond 2.5 least 2";
inline constexpr std::string_view kSlimTailParams = "tail 0.02 2000 prior 2.5 0.6 0.72 5 clip 8 3 run 6";
inline constexpr std::string_view kGaugeNoiseParams =
    "noise block 200 prior 3.1 0.7 weight 8 50 25 0.5 young 0.5 350 least 0.5; loudest 0.2; onset 18h 1.25 "
    "from "
    "1.6, 1.05";
inline constexpr std::string_view kFullNoiseParams =
    "noise block 200 prior 2.5 0.7 weight 15 50 25 0.5 least 0.5; loudest 0.2; onset 18h 1.25 from 1.6, "
    "1.05";
inline constexpr std::string_view kDensityParams = "density 6 73 t3 20 lends 9 3 4000 16";
inline constexpr std::string_view kRateParams = "rate 0.99 prior 0.5 0.01 clip 4 dispersion 200 20 9";
inline constexpr std::string_view kStuckParams =
    "stuck 12 1000 clip 4 floor 0.3; tail 0.02 2000 prior 2.5 0.6 0.72 5 clip 8 3 run 6";

constexpr std::uint32_t fnv1a(std::string_view text, std::uint32_t hash = 2166136261u) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

inline constexpr std::uint32_t kEwmaHash = fnv1a(kEwmaParams), kSeasonalHash = fnv1a(kSeasonalParams),
                               kRatioHash = fnv1a(kRatioParams), kFloorHash = fnv1a(kFloorParams),
                               kChoiceHash = fnv1a(kChoiceParams),
                               kGaugeSeasonalHash = fnv1a(kGaugeSeasonalParams),
                               kGaugeNoiseHash = fnv1a(kGaugeNoiseParams);
inline constexpr std::uint32_t kJumpHash = fnv1a(kDensityParams, fnv1a(kJumpParams)),
                               kDriftHash = fnv1a(kDensityParams, fnv1a(kDriftParams)),
                               kSlimJumpHash = fnv1a(kSlimTailParams, fnv1a(kJumpParams)),
                               kSlimDriftHash = fnv1a(kSlimTailParams, fnv1a(kDriftParams)),
                               kVolatilityHash = fnv1a(kSlimTailParams, fnv1a(kVolatilityParams)),
                               kFrozenHash = fnv1a(kFrozenParams), kRateHash = fnv1a(kRateParams),
                               kCountRateHash = fnv1a("switch 20 10", fnv1a(kRateParams, kDriftHash)),
                               kRatioDriftHash = fnv1a("of ratio", kDriftHash),
                               kStuckHash = fnv1a(kStuckParams), kFullNoiseHash = fnv1a(kFullNoiseParams);

inline constexpr std::string_view kFamiliarParams = "familiar";
inline constexpr std::uint32_t kFamiliarHash = fnv1a(kFamiliarParams, fnv1a(kDensityParams));

// The noise of a series is that of its kind and of the side that may speak.
constexpr std::uint32_t noise_hash(std::string_view kind, std::string_view side,
                                   std::uint32_t params = fnv1a(kNoiseParams)) {
  return fnv1a(side, fnv1a(kind, params));
}
inline constexpr std::uint32_t kNoiseHashes[10][3] = {  // [EnsembleKind][Direction]
    {noise_hash("level", "high"), noise_hash("level", "low"), noise_hash("level", "either")},
    {noise_hash("day", "high"), noise_hash("day", "low"), noise_hash("day", "either")},
    {noise_hash("week", "high"), noise_hash("week", "low"), noise_hash("week", "either")},
    {noise_hash("ratio", "high"), noise_hash("ratio", "low"), noise_hash("ratio", "either")},
    {noise_hash("gauge", "high", kGaugeNoiseHash), noise_hash("gauge", "low", kGaugeNoiseHash),
     noise_hash("gauge", "either", kGaugeNoiseHash)},
    {noise_hash("slim", "high", kGaugeNoiseHash), noise_hash("slim", "low", kGaugeNoiseHash),
     noise_hash("slim", "either", kGaugeNoiseHash)},
    {noise_hash("count", "high", kGaugeNoiseHash), noise_hash("count", "low", kGaugeNoiseHash),
     noise_hash("count", "either", kGaugeNoiseHash)},
    {noise_hash("event", "high", kFullNoiseHash), noise_hash("event", "low", kFullNoiseHash),
     noise_hash("event", "either", kFullNoiseHash)},
    {noise_hash("ratio full", "high", kFullNoiseHash), noise_hash("ratio full", "low", kFullNoiseHash),
     noise_hash("ratio full", "either", kFullNoiseHash)},
    {noise_hash("stuck", "low"), noise_hash("stuck", "low"), noise_hash("stuck", "low")}};

// One block is one or two stretches of the state: a model and its tail need not be neighbours.
struct Part {
  std::size_t offset, bytes;
};
struct Layout {
  BlockId id;
  std::uint32_t params_hash;
  std::array<Part, 3> parts;  // unused ones are empty

  [[nodiscard]] std::size_t bytes() const { return parts[0].bytes + parts[1].bytes + parts[2].bytes; }
};

// Nothing for the ensemble as it ships; an ablated one must not read its blocks, nor it theirs.
inline std::uint32_t ablated(std::uint32_t hash, const Ablation& ablation) {
  if (ablation == Ablation{}) return hash;
  const char bits[] = {ablation.jump ? '1' : '0',         ablation.drift ? '1' : '0',
                       ablation.volatility ? '1' : '0',   ablation.frozen ? '1' : '0',
                       ablation.density_tail ? '1' : '0', ablation.own_noise ? '1' : '0',
                       ablation.onset_memory ? '1' : '0', ablation.escalation ? '1' : '0',
                       static_cast<char>(ablation.season)};
  return fnv1a({bits, sizeof(bits)}, hash);
}

template <class Visit>
void for_each_gauge_block(const EnsembleParams& params, std::size_t state_bytes, std::uint32_t noise,
                          Visit visit) {
  const auto block = [&](BlockId id, std::uint32_t hash, Part first, Part second = {}, Part third = {}) {
    visit(Layout{id, ablated(hash, params.ablation), {{first, second, third}}});
  };
  block(BlockId::ewma, kEwmaHash, {offsetof(LevelState, ewma), sizeof(Ewma::State)},
        {offsetof(LevelState, ewma_tail), sizeof(Tail::State)});
  if (has_full_gauge(params.kind)) {
    block(BlockId::seasonal, kGaugeSeasonalHash, {offsetof(GaugeState, seasonal), sizeof(Seasonal::State)},
          {gauge_head(params.kind), state_bytes - gauge_head(params.kind)},
          {offsetof(GaugeState, seasonal_tail), sizeof(Tail::State)});
    block(BlockId::jump, kJumpHash, {offsetof(GaugeState, jump), sizeof(Jump::State)},
          {offsetof(GaugeState, jump_tail), sizeof(SideTail)});
    block(BlockId::drift, kDriftHash, {offsetof(GaugeState, drift), sizeof(Drift::State)},
          {offsetof(GaugeState, drift_tail), sizeof(SideTail)});
    block(BlockId::volatility, kVolatilityHash, {offsetof(GaugeState, volatility), sizeof(Volatility::State)},
          {offsetof(GaugeState, volatility_tail), sizeof(Tail::State)});
    block(BlockId::frozen, kFrozenHash, {offsetof(GaugeState, frozen), sizeof(Frozen::State)});
  } else {
    block(BlockId::jump, kSlimJumpHash, {offsetof(GaugeSlimState, jump), sizeof(Jump::State)},
          {offsetof(GaugeSlimState, jump_tail), sizeof(Tail::State)});
    block(BlockId::drift, kSlimDriftHash, {offsetof(GaugeSlimState, drift), sizeof(Drift::State)},
          {offsetof(GaugeSlimState, drift_tail), sizeof(Tail::State)});
    block(BlockId::volatility, kVolatilityHash,
          {offsetof(GaugeSlimState, volatility), sizeof(Volatility::State)},
          {offsetof(GaugeSlimState, volatility_tail), sizeof(Tail::State)});
    block(BlockId::frozen, kFrozenHash, {offsetof(GaugeSlimState, frozen), sizeof(Frozen::State)});
  }
  block(BlockId::floor, kFloorHash, {offsetof(LevelState, floor), sizeof(ScaleFloor::State)});
  block(BlockId::noise, noise, {offsetof(LevelState, common), sizeof(NoiseState)});
  if (params.kind == EnsembleKind::count) {
    block(BlockId::rate, kCountRateHash,
          {offsetof(CountState, rate), sizeof(CountState) - offsetof(CountState, rate)});
  }
  if (has_full_gauge(params.kind)) {
    block(BlockId::choice, kChoiceHash, {offsetof(GaugeState, choice), sizeof(ForecasterChoice::State)});
  }
}

template <class Visit>
void for_each_small_block(const EnsembleParams& params, std::uint32_t noise, Visit visit) {
  const auto block = [&](BlockId id, std::uint32_t hash, Part first, Part second = {}) {
    visit(Layout{id, ablated(hash, params.ablation), {{first, second, {}}}});
  };
  switch (params.kind) {
    case EnsembleKind::event:
      block(BlockId::rate, kRateHash, {offsetof(EventState, rate), sizeof(Rate::State)});
      block(BlockId::noise, noise, {offsetof(EventState, common), sizeof(NoiseState)});
      return;
    case EnsembleKind::ratio_full:
      block(BlockId::ratio, kRatioHash, {offsetof(RatioState, ratio), sizeof(Ratio::State)});
      block(BlockId::drift, kRatioDriftHash, {offsetof(RatioFullState, drift), sizeof(Drift::State)},
            {offsetof(RatioFullState, drift_tail), sizeof(SideTail)});
      block(BlockId::noise, noise, {offsetof(RatioState, common), sizeof(NoiseState)});
      return;
    case EnsembleKind::stuck:
      block(BlockId::stuck, kStuckHash, {offsetof(StuckState, stuck), sizeof(Stuck::State)},
            {offsetof(StuckState, tail), sizeof(Tail::State)});
      block(BlockId::frozen, kFrozenHash, {offsetof(StuckState, frozen), sizeof(Frozen::State)});
      block(BlockId::floor, kFloorHash, {offsetof(StuckState, floor), sizeof(ScaleFloor::State)});
      block(BlockId::noise, noise, {offsetof(StuckState, common), sizeof(NoiseState)});
      return;
    default:
      return;
  }
}

template <class Visit>
void for_each_block(const EnsembleParams& params, std::size_t state_bytes, Visit visit) {
  const std::uint32_t own_noise =
      kNoiseHashes[static_cast<std::size_t>(params.kind)][static_cast<std::size_t>(params.direction)];
  const std::uint32_t noise = is_familiar(params) ? fnv1a(kFamiliarParams, own_noise) : own_noise;
  const std::size_t before_familiar = state_bytes - familiar_bytes(params);
  if (is_gauge(params.kind)) {
    for_each_gauge_block(params, state_bytes, noise, visit);
    return;
  }
  if (params.kind == EnsembleKind::event || params.kind == EnsembleKind::stuck ||
      params.kind == EnsembleKind::ratio_full) {
    for_each_small_block(params, noise, visit);
    return;
  }
  if (params.kind == EnsembleKind::ratio) {
    visit(
        Layout{BlockId::ratio, kRatioHash, {{{offsetof(RatioState, ratio), sizeof(Ratio::State)}, {}, {}}}});
    visit(Layout{BlockId::noise, noise, {{{offsetof(RatioState, common), sizeof(NoiseState)}, {}, {}}}});
    return;
  }
  visit(Layout{BlockId::ewma,
               kEwmaHash,
               {{{offsetof(LevelState, ewma), sizeof(Ewma::State)},
                 {offsetof(LevelState, ewma_tail), sizeof(Tail::State)},
                 {}}}});
  if (is_seasonal(params.kind)) {
    visit(Layout{BlockId::seasonal,
                 kSeasonalHash,
                 {{{offsetof(SeasonalState, seasonal), sizeof(Seasonal::State)},
                   {sizeof(SeasonalState), before_familiar - sizeof(SeasonalState)},
                   {offsetof(SeasonalState, seasonal_tail), sizeof(Tail::State)}}}});
  }
  visit(Layout{
      BlockId::floor, kFloorHash, {{{offsetof(LevelState, floor), sizeof(ScaleFloor::State)}, {}, {}}}});
  visit(Layout{BlockId::noise, noise, {{{offsetof(LevelState, common), sizeof(NoiseState)}, {}, {}}}});
  if (is_seasonal(params.kind)) {
    visit(Layout{BlockId::choice,
                 kChoiceHash,
                 {{{offsetof(SeasonalState, choice), sizeof(ForecasterChoice::State)}, {}, {}}}});
  }
  if (is_familiar(params)) {
    visit(
        Layout{BlockId::familiar, kFamiliarHash, {{{before_familiar, sizeof(DensityTail::State)}, {}, {}}}});
  }
}

}  // namespace proactive::models
