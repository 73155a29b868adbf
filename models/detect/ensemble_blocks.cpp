// Saving and loading of models/detect/ensemble.h.
#include <fmt/format.h>

#include <cstring>

#include "models/base/state_record.h"
#include "models/detect/ensemble.h"
#include "models/detect/ensemble_layout.h"

namespace proactive::models {
namespace {

void copy_out(const Layout& layout, const std::byte* state, std::string& out) {
  for (const Part& part : layout.parts)
    out.append(reinterpret_cast<const char*>(state + part.offset), part.bytes);
}

void copy_in(const Layout& layout, const char* payload, std::byte* state) {
  for (const Part& part : layout.parts) {
    std::memcpy(state + part.offset, payload, part.bytes);
    payload += part.bytes;
  }
}

bool density(const SideTail& tail) {
  return DensityTail(true).sane(as<DensityTail::State>(std::span<const std::byte>(tail.bytes)));
}

// Of event, ratio_full and stuck.
bool sane_small(BlockId id, const EnsembleParams& params, std::span<std::byte> state) {
  switch (id) {
    case BlockId::ratio:
      return Ratio().sane(as<RatioState>(state).ratio);
    case BlockId::drift:
      return Drift().sane(as<RatioFullState>(state).drift) && density(as<RatioFullState>(state).drift_tail);
    case BlockId::rate:
      return Rate().sane(as<EventState>(state).rate);
    case BlockId::stuck:
      return Stuck().sane(as<StuckState>(state).stuck) && Tail().sane(as<StuckState>(state).tail);
    case BlockId::frozen:
      return Frozen().sane(as<StuckState>(state).frozen);
    case BlockId::floor:
      return ScaleFloor().sane(as<StuckState>(state).floor);
    case BlockId::noise: {
      const NoiseState& common = common_of(params.kind, state);
      return OwnNoise().sane(common.noise) && Onset().sane(common.onset);
    }
    default:
      return false;
  }
}

// Of the gauge kinds, which begin as a LevelState does.
bool sane_gauge(BlockId id, const EnsembleParams& params, std::span<std::byte> state) {
  const bool slim = params.kind == EnsembleKind::gauge_slim;
  const auto side = [&](SideTail& tail) {
    const std::span<std::byte> bytes(tail.bytes);
    return params.ablation.density_tail ? density(tail) : Tail().sane(as<Tail::State>(bytes));
  };
  GaugeSlimState& small = as<GaugeSlimState>(state);
  GaugeState& full = as<GaugeState>(state);
  switch (id) {
    case BlockId::jump:
      return slim ? Jump().sane(small.jump) && Tail().sane(small.jump_tail)
                  : Jump().sane(full.jump) && side(full.jump_tail);
    case BlockId::drift:
      return slim ? Drift().sane(small.drift) && Tail().sane(small.drift_tail)
                  : Drift().sane(full.drift) && side(full.drift_tail);
    case BlockId::volatility:
      return slim ? Volatility().sane(small.volatility) && Tail().sane(small.volatility_tail)
                  : Volatility().sane(full.volatility) && Tail().sane(full.volatility_tail);
    case BlockId::frozen:
      return Frozen().sane(slim ? small.frozen : full.frozen);
    case BlockId::choice:
      return ForecasterChoice().sane(full.choice);
    case BlockId::rate:
      return Rate().sane(as<CountState>(state).rate) && Drift().sane(as<CountState>(state).rate_drift) &&
             density(as<CountState>(state).rate_drift_tail) && as<CountState>(state).many <= 1;
    case BlockId::seasonal:
      for (const Seasonal::Slot& slot : slots(state, gauge_head(params.kind))) {
        if (!Seasonal().sane(slot)) return false;
      }
      return Seasonal().sane(full.seasonal) && Tail().sane(full.seasonal_tail);
    default:
      return false;
  }
}

// Whether the numbers of this block are such as its model writes.
bool sane(BlockId id, const EnsembleParams& params, std::span<std::byte> state) {
  const OwnNoise own_noise;
  const auto common = [&](const NoiseState& s) { return own_noise.sane(s.noise) && Onset().sane(s.onset); };
  if (params.kind == EnsembleKind::event || params.kind == EnsembleKind::ratio_full ||
      params.kind == EnsembleKind::stuck) {
    return sane_small(id, params, state);
  }
  const bool of_gauge = id != BlockId::ewma && id != BlockId::floor && id != BlockId::noise;
  if (is_gauge(params.kind) && of_gauge) return sane_gauge(id, params, state);
  switch (id) {
    case BlockId::jump:
    case BlockId::drift:
    case BlockId::volatility:
    case BlockId::frozen:
    case BlockId::rate:
    case BlockId::stuck:
    case BlockId::multi:
      return false;
    case BlockId::familiar:
      return DensityTail(true).sane(as<FamiliarState>(state.last(sizeof(FamiliarState))).seen);
    case BlockId::ratio:
      return Ratio().sane(as<RatioState>(state).ratio);
    case BlockId::ewma:
      return Ewma().sane(as<LevelState>(state).ewma) && Tail().sane(as<LevelState>(state).ewma_tail);
    case BlockId::floor:
      return ScaleFloor().sane(as<LevelState>(state).floor);
    case BlockId::noise:
      return common(params.kind == EnsembleKind::ratio ? as<RatioState>(state).common
                                                       : as<LevelState>(state).common);
    case BlockId::choice:
      return ForecasterChoice().sane(as<SeasonalState>(state).choice);
    case BlockId::seasonal: {
      const SeasonalState& s = as<SeasonalState>(state);
      for (const Seasonal::Slot& slot : slots(state.first(state.size() - familiar_bytes(params)))) {
        if (!Seasonal().sane(slot)) return false;
      }
      return Seasonal().sane(s.seasonal) && Tail().sane(s.seasonal_tail);
    }
  }
  return false;
}

}  // namespace

std::uint32_t Ensemble::params_hash() const {
  std::uint32_t hash = fnv1a("ensemble");
  for_each_block(params_, state_bytes(), [&hash](const Layout& layout) {
    const std::uint32_t words[2] = {static_cast<std::uint32_t>(layout.id), layout.params_hash};
    hash = fnv1a({reinterpret_cast<const char*>(words), sizeof(words)}, hash);
  });
  return hash;
}

void Ensemble::append_blocks(std::span<const std::byte> state, std::string& out) const {
  PROACTIVE_CHECK(state.size() == state_bytes());
  BlockWriter writer(out);
  for_each_block(params_, state.size(), [&](const Layout& layout) {
    writer.begin(static_cast<std::uint8_t>(layout.id), kBlockVersion, layout.params_hash);
    copy_out(layout, state.data(), out);
    writer.end();
  });
}

Result<BlockCounts> Ensemble::load_blocks(std::string_view blocks, std::span<std::byte> state) const {
  init(state);
  BlockCounts counts;
  BlockReader reader(blocks);
  std::uint64_t seen = 0;  // bit per id below 64
  while (true) {
    const Result<std::optional<Block>> next = reader.next();
    if (!next) {
      init(state);
      return tl::make_unexpected(next.error());
    }
    if (!*next) break;
    const Block& block = **next;
    if (block.id >= kFirstPipelineBlock) continue;
    bool known = false;
    bool newer = false;
    for_each_block(params_, state.size(), [&](const Layout& layout) {
      if (static_cast<std::uint8_t>(layout.id) != block.id) return;
      known = true;
      newer = block.version > kBlockVersion;
      if (newer) return;
      seen |= std::uint64_t{1} << block.id;
      if (block.params_hash != layout.params_hash) {
        ++counts.other_params;
      } else if (block.payload.size() != layout.bytes() || block.version != kBlockVersion) {
        ++counts.damaged;
      } else {
        std::string cold;  // load is not the hot path
        copy_out(layout, state.data(), cold);
        copy_in(layout, block.payload.data(), state.data());
        if (sane(layout.id, params_, state)) {
          ++counts.loaded;
        } else {
          copy_in(layout, cold.data(), state.data());
          ++counts.damaged;
        }
      }
    });
    if (newer) {
      init(state);
      return failure(
          fmt::format("model block {} has version {}, this program reads up to {}: start the newer program",
                      block.id, block.version, kBlockVersion));
    }
    if (!known) ++counts.unknown;
  }
  for_each_block(params_, state.size(), [&](const Layout& layout) {
    if ((seen >> static_cast<unsigned>(layout.id) & 1) == 0) ++counts.missing;
  });
  return counts;
}

}  // namespace proactive::models
