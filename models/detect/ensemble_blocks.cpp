// Saving, loading and printing of models/detect/ensemble.h.
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <iterator>

#include "models/base/state_record.h"
#include "models/detect/block_ids.h"
#include "models/detect/ensemble.h"
#include "models/detect/ensemble_state.h"

namespace proactive::models {
namespace {

// Change a text when a constant of that model changes: stored states of the old constants then start cold.
constexpr std::string_view kEwmaParams =
    "ewma 25h 25 100 200 clip 3 still 2 accept 24h 0.1; tail 0.02 2000 prior 2.5 0.6 0.72 5 clip 8 3 run 6";
constexpr std::string_view kSeasonalParams =
    "seasonal 0.01 0.03 0.05 0.33 clip 4 scale 1000 spread 0.02 10 4; tail 0.02 2000 prior 2.5 0.6 0.72 5 "
    "clip 8 3 run 6";
constexpr std::string_view kRatioParams = "ratio prior 0.5 4.5 strength 200 step 2 clip 4 scatter 300 20 9";
constexpr std::string_view kFloorParams = "floor 1000 5000 0.05 0.01";
constexpr std::string_view kNoiseParams =
    "noise block 200 prior 2.5 0.7 weight 15 50 least 0.5; onset 18h 1.25";
constexpr std::string_view kChoiceParams = "choice 300 clip 5";

constexpr std::uint32_t fnv1a(std::string_view text, std::uint32_t hash = 2166136261u) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

constexpr std::uint32_t kEwmaHash = fnv1a(kEwmaParams), kSeasonalHash = fnv1a(kSeasonalParams),
                        kRatioHash = fnv1a(kRatioParams), kFloorHash = fnv1a(kFloorParams),
                        kChoiceHash = fnv1a(kChoiceParams);

// The noise of a series is that of its kind and of the side that may speak.
constexpr std::uint32_t noise_hash(std::string_view kind, std::string_view side) {
  return fnv1a(side, fnv1a(kind, fnv1a(kNoiseParams)));
}
constexpr std::uint32_t kNoiseHashes[4][3] = {  // [EnsembleKind][Direction]
    {noise_hash("level", "high"), noise_hash("level", "low"), noise_hash("level", "either")},
    {noise_hash("day", "high"), noise_hash("day", "low"), noise_hash("day", "either")},
    {noise_hash("week", "high"), noise_hash("week", "low"), noise_hash("week", "either")},
    {noise_hash("ratio", "high"), noise_hash("ratio", "low"), noise_hash("ratio", "either")}};

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

template <class Visit>
void for_each_block(const EnsembleParams& params, std::size_t state_bytes, Visit visit) {
  const std::uint32_t noise =
      kNoiseHashes[static_cast<std::size_t>(params.kind)][static_cast<std::size_t>(params.direction)];
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
                   {sizeof(SeasonalState), state_bytes - sizeof(SeasonalState)},
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
}

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

// Whether the numbers of this block are such as its model writes.
bool sane(BlockId id, const EnsembleParams& params, std::span<std::byte> state) {
  const OwnNoise own_noise;
  const auto common = [&](const NoiseState& s) { return own_noise.sane(s.noise) && Onset().sane(s.onset); };
  switch (id) {
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
      for (const Seasonal::Slot& slot : slots(state)) {
        if (!Seasonal().sane(slot)) return false;
      }
      return Seasonal().sane(s.seasonal) && Tail().sane(s.seasonal_tail);
    }
  }
  return false;
}

void describe_level(const LevelState& s, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 R"("ewma":{{"mean":{},"deviation":{},"n":{},"tail":{{"u":{},"mean_excess":{},"n":{}}}}},)"
                 R"("floor":{{"level":{},"deviation":{},"high":{},"low":{}}},)",
                 s.ewma.mean, s.ewma.deviation, s.ewma.n, s.ewma_tail.u, s.ewma_tail.mean_excess,
                 s.ewma_tail.n, s.floor.level, s.floor.deviation, s.floor.high, s.floor.low);
}

template <class Range>
void describe_slots(const char* name, Range range, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"("{}":[)", name);
  const char* comma = "";
  for (const Seasonal::Slot& slot : range) {
    fmt::format_to(std::back_inserter(out), "{}[{},{},{}]", comma, slot.mean, slot.visits, slot.days);
    comma = ",";
  }
  out += ']';
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

std::string Ensemble::describe(std::span<const std::byte> state) const {
  PROACTIVE_CHECK(state.size() == state_bytes());
  std::string out = "{";
  if (params_.kind == EnsembleKind::ratio) {
    const Ratio::State& ratio = as<RatioState>(state).ratio;
    fmt::format_to(std::back_inserter(out), R"("ratio":{{"alpha":{},"beta":{},"n":{}}},)", ratio.alpha,
                   ratio.beta, ratio.n);
  } else {
    describe_level(as<LevelState>(state), out);
  }
  if (is_seasonal(params_.kind)) {
    const SeasonalState& s = as<SeasonalState>(state);
    fmt::format_to(std::back_inserter(out), R"("seasonal":{{"level":{},"mean":{},"deviation":{},"n":{},)",
                   s.seasonal.level, s.seasonal.mean, s.seasonal.deviation, s.seasonal.n);
    const std::span<const Seasonal::Slot> all = slots(state);
    describe_slots("tod", all.first(Seasonal::kDaySlots), out);
    if (all.size() > Seasonal::kDaySlots) {
      out += ',';
      describe_slots("how", all.subspan(Seasonal::kDaySlots), out);
    }
    fmt::format_to(
        std::back_inserter(out),
        R"(,"tail":{{"u":{},"mean_excess":{},"n":{}}}}},"choice":{{"ewma_error":{},"seasonal_error":{},"n":{}}},)",
        s.seasonal_tail.u, s.seasonal_tail.mean_excess, s.seasonal_tail.n, s.choice.first_error,
        s.choice.second_error, s.choice.n);
  }
  const NoiseState& common =
      params_.kind == EnsembleKind::ratio ? as<RatioState>(state).common : as<LevelState>(state).common;
  fmt::format_to(std::back_inserter(out),
                 R"("noise":{{"typical":{},"spread":{},"weight":{},"in_block":{}}},"peak":{}}})",
                 common.noise.typical, common.noise.spread, common.noise.weight, common.noise.in_block,
                 common.onset.peak);
  return out;
}

}  // namespace proactive::models
