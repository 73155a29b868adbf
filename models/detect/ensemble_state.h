// How an Ensemble's bytes are laid out; private to ensemble*.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "models/base/check.h"
#include "models/detect/ensemble.h"
#include "models/detect/ewma.h"
#include "models/detect/forecaster_choice.h"
#include "models/detect/onset.h"
#include "models/detect/own_noise.h"
#include "models/detect/ratio.h"
#include "models/detect/scale_floor.h"
#include "models/detect/seasonal.h"
#include "models/detect/tail.h"

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

template <class State>
constexpr bool kPlain = std::is_trivially_copyable_v<State>&& std::is_standard_layout_v<State>;
static_assert(kPlain<RatioState> && kPlain<LevelState> && kPlain<SeasonalState> && kPlain<Seasonal::Slot>);

inline std::size_t week_slots(EnsembleKind kind) {
  return kind == EnsembleKind::seasonal_week ? Seasonal::kWeekSlots : 0;
}
inline bool is_seasonal(EnsembleKind kind) {
  return kind == EnsembleKind::seasonal_day || kind == EnsembleKind::seasonal_week;
}

template <class State>
State& as(std::span<std::byte> bytes) {
  return *reinterpret_cast<State*>(bytes.data());
}
template <class State>
const State& as(std::span<const std::byte> bytes) {
  return *reinterpret_cast<const State*>(bytes.data());
}
inline std::span<Seasonal::Slot> slots(std::span<std::byte> bytes) {
  return {reinterpret_cast<Seasonal::Slot*>(bytes.data() + sizeof(SeasonalState)),
          (bytes.size() - sizeof(SeasonalState)) / sizeof(Seasonal::Slot)};
}
inline std::span<const Seasonal::Slot> slots(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const Seasonal::Slot*>(bytes.data() + sizeof(SeasonalState)),
          (bytes.size() - sizeof(SeasonalState)) / sizeof(Seasonal::Slot)};
}

}  // namespace proactive::models
