// How an Ensemble's bytes are laid out; private to ensemble*.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

#include "models/base/check.h"
#include "models/detect/density_tail.h"
#include "models/detect/drift.h"
#include "models/detect/ensemble.h"
#include "models/detect/ewma.h"
#include "models/detect/forecaster_choice.h"
#include "models/detect/frozen.h"
#include "models/detect/jump.h"
#include "models/detect/onset.h"
#include "models/detect/own_noise.h"
#include "models/detect/rate.h"
#include "models/detect/ratio.h"
#include "models/detect/scale_floor.h"
#include "models/detect/seasonal.h"
#include "models/detect/stuck.h"
#include "models/detect/tail.h"
#include "models/detect/volatility.h"

namespace proactive::models {

struct NoiseState {
  OwnNoise::State noise;
  Onset::State onset;
};
static_assert(sizeof(NoiseState) == 20);

struct RatioState {
  NoiseState common;
  Ratio::State ratio;
};
static_assert(sizeof(RatioState) == 40);

struct LevelState {
  Ewma::State ewma;
  Tail::State ewma_tail;
  ScaleFloor::State floor;
  NoiseState common;
};
static_assert(sizeof(LevelState) == 88);

// Slots follow: 48 of the day, then none or 168 of the week.
struct SeasonalState {
  LevelState level;
  Seasonal::State seasonal;
  Tail::State seasonal_tail;
  ForecasterChoice::State choice;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(SeasonalState) == 248);

// The tail of jump or of drift: a DensityTail, or a Tail in its place where Ablation takes the density away.
struct alignas(4) SideTail {
  std::array<std::byte, sizeof(DensityTail::State)> bytes{};
};

// Slots follow: 48 of the day, 168 of the week.
struct GaugeState {
  LevelState level;
  Jump::State jump;
  Seasonal::State seasonal;
  Tail::State seasonal_tail;
  ForecasterChoice::State choice;
  SideTail jump_tail, drift_tail;
  Drift::State drift;
  Volatility::State volatility;
  Tail::State volatility_tail;
  std::uint32_t reserved = 0;
  Frozen::State frozen;
};
static_assert(sizeof(GaugeState) == 656);
inline constexpr std::size_t kGaugeSlots = Seasonal::kDaySlots + Seasonal::kWeekSlots;

// Slots follow as with GaugeState, which it begins with: both sides of the switch learn all the time.
struct CountState {
  GaugeState gauge;
  Rate::State rate;
  Drift::State rate_drift;
  SideTail rate_drift_tail;
  std::uint32_t many = 0;  // 1: the gauge speaks
  std::uint32_t reserved = 0;
};
static_assert(sizeof(CountState) == 848);

struct EventState {
  NoiseState common;
  Rate::State rate;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(EventState) == 40);

struct RatioFullState {
  RatioState base;
  Drift::State drift;
  SideTail drift_tail;
};
static_assert(sizeof(RatioFullState) == 208);

struct StuckState {
  Stuck::State stuck;
  Tail::State tail;
  ScaleFloor::State floor;
  NoiseState common;
  Frozen::State frozen;
};
static_assert(sizeof(StuckState) == 120);

struct GaugeSlimState {
  LevelState level;
  Jump::State jump;
  Drift::State drift;
  Tail::State jump_tail, drift_tail;
  Volatility::State volatility;
  Tail::State volatility_tail;
  Frozen::State frozen;
};
static_assert(sizeof(GaugeSlimState) == 248);

template <class State>
constexpr bool kPlain = std::is_trivially_copyable_v<State>&& std::is_standard_layout_v<State>;
static_assert(kPlain<RatioState> && kPlain<LevelState> && kPlain<SeasonalState> && kPlain<Seasonal::Slot> &&
              kPlain<GaugeState> && kPlain<GaugeSlimState> && kPlain<CountState> && kPlain<EventState> &&
              kPlain<RatioFullState> && kPlain<StuckState>);

inline std::size_t week_slots(EnsembleKind kind) {
  return kind == EnsembleKind::seasonal_week ? Seasonal::kWeekSlots : 0;
}
// Behind all else: what the level has shown.
struct FamiliarState {
  DensityTail::State seen;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(FamiliarState) == 152);

inline bool is_familiar(const EnsembleParams& params) {
  return params.familiar &&
         (params.kind == EnsembleKind::level || params.kind == EnsembleKind::seasonal_day ||
          params.kind == EnsembleKind::seasonal_week);
}
inline std::size_t familiar_bytes(const EnsembleParams& params) {
  return is_familiar(params) ? sizeof(FamiliarState) : 0;
}
inline bool is_seasonal(EnsembleKind kind) {
  return kind == EnsembleKind::seasonal_day || kind == EnsembleKind::seasonal_week;
}
// Those that begin with a GaugeState and end with its slots.
inline bool has_full_gauge(EnsembleKind kind) {
  return kind == EnsembleKind::gauge || kind == EnsembleKind::count;
}
inline std::size_t gauge_head(EnsembleKind kind) {
  return kind == EnsembleKind::count ? sizeof(CountState) : sizeof(GaugeState);
}
inline bool is_gauge(EnsembleKind kind) { return kind == EnsembleKind::gauge_slim || has_full_gauge(kind); }

template <class State>
State& as(std::span<std::byte> bytes) {
  return *reinterpret_cast<State*>(bytes.data());
}
template <class State>
const State& as(std::span<const std::byte> bytes) {
  return *reinterpret_cast<const State*>(bytes.data());
}
// The slots behind a SeasonalState, or, with `head`, behind another state.
inline std::span<Seasonal::Slot> slots(std::span<std::byte> bytes, std::size_t head = sizeof(SeasonalState)) {
  return {reinterpret_cast<Seasonal::Slot*>(bytes.data() + head),
          (bytes.size() - head) / sizeof(Seasonal::Slot)};
}
inline std::span<const Seasonal::Slot> slots(std::span<const std::byte> bytes,
                                             std::size_t head = sizeof(SeasonalState)) {
  return {reinterpret_cast<const Seasonal::Slot*>(bytes.data() + head),
          (bytes.size() - head) / sizeof(Seasonal::Slot)};
}

// The part that every kind has, wherever its state holds it.
template <class Bytes>
auto& common_of(EnsembleKind kind, Bytes bytes) {
  switch (kind) {
    case EnsembleKind::ratio:
    case EnsembleKind::ratio_full:
      return as<RatioState>(bytes).common;
    case EnsembleKind::event:
      return as<EventState>(bytes).common;
    case EnsembleKind::stuck:
      return as<StuckState>(bytes).common;
    case EnsembleKind::level:
    case EnsembleKind::seasonal_day:
    case EnsembleKind::seasonal_week:
    case EnsembleKind::gauge:
    case EnsembleKind::gauge_slim:
    case EnsembleKind::count:
      break;
  }
  return as<LevelState>(bytes).common;
}

}  // namespace proactive::models
