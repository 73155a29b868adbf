// Printing of models/detect/ensemble.h, for `proactived state`.
#include <fmt/format.h>

#include <iterator>

#include "models/detect/ensemble.h"
#include "models/detect/ensemble_state.h"

namespace proactive::models {
namespace {

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

void describe_seasonal(const Seasonal::State& s, std::span<const Seasonal::Slot> all, const Tail::State& tail,
                       const ForecasterChoice::State& choice, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"("seasonal":{{"level":{},"mean":{},"deviation":{},"n":{},)",
                 s.level, s.mean, s.deviation, s.n);
  describe_slots("tod", all.first(Seasonal::kDaySlots), out);
  if (all.size() > Seasonal::kDaySlots) {
    out += ',';
    describe_slots("how", all.subspan(Seasonal::kDaySlots), out);
  }
  fmt::format_to(
      std::back_inserter(out),
      R"(,"tail":{{"u":{},"mean_excess":{},"n":{}}}}},"choice":{{"ewma_error":{},"seasonal_error":{},"n":{}}},)",
      tail.u, tail.mean_excess, tail.n, choice.first_error, choice.second_error, choice.n);
}

void describe_drift(const char* name, const Drift::State& s, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"("{}":{{"f":{},"mean":{},"deviation":{},"n":{}}},)", name, s.f,
                 s.usual.mean, s.usual.deviation, s.n);
}

void describe_rate(const Rate::State& s, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"("rate":{{"a":{},"b":{},"dispersion":{},"n":{}}},)", s.a, s.b,
                 s.dispersion, s.n);
}

void describe_frozen(const Frozen::State& s, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 R"("frozen":{{"last":{},"repeats":{},"longest":{},"run":{},"n":{}}},)", s.last, s.repeats,
                 s.longest, s.run, s.n);
}

void describe_small(const EnsembleParams& params, std::span<const std::byte> state, std::string& out) {
  if (params.kind == EnsembleKind::event) {
    describe_rate(as<EventState>(state).rate, out);
    return;
  }
  const Stuck::State& s = as<StuckState>(state).stuck;
  fmt::format_to(std::back_inserter(out),
                 R"("stuck":{{"previous":{},"f":{},"mean":{},"deviation":{},"n":{}}},)", s.previous, s.f,
                 s.usual.mean, s.usual.deviation, s.n);
  describe_frozen(as<StuckState>(state).frozen, out);
}

void describe_gauge(const EnsembleParams& params, std::span<const std::byte> state, std::string& out) {
  const bool slim = params.kind == EnsembleKind::gauge_slim;
  const Jump::State& jump = slim ? as<GaugeSlimState>(state).jump : as<GaugeState>(state).jump;
  fmt::format_to(std::back_inserter(out), R"("jump":{{"previous":{},"mean":{},"deviation":{},"n":{}}},)",
                 jump.previous, jump.step.mean, jump.step.deviation, jump.n);
  describe_drift("drift", slim ? as<GaugeSlimState>(state).drift : as<GaugeState>(state).drift, out);
  const Volatility::State& loud =
      slim ? as<GaugeSlimState>(state).volatility : as<GaugeState>(state).volatility;
  fmt::format_to(std::back_inserter(out), R"("volatility":{{"f":{},"mean":{},"deviation":{},"n":{}}},)",
                 loud.f, loud.usual.mean, loud.usual.deviation, loud.n);
  describe_frozen(slim ? as<GaugeSlimState>(state).frozen : as<GaugeState>(state).frozen, out);
  if (slim) return;
  const GaugeState& s = as<GaugeState>(state);
  describe_seasonal(s.seasonal, slots(state, gauge_head(params.kind)), s.seasonal_tail, s.choice, out);
}

}  // namespace

std::string Ensemble::describe(std::span<const std::byte> state) const {
  PROACTIVE_CHECK(state.size() == state_bytes());
  std::string out = "{";
  if (params_.kind == EnsembleKind::event || params_.kind == EnsembleKind::stuck) {
    describe_small(params_, state, out);
  } else if (params_.kind == EnsembleKind::ratio || params_.kind == EnsembleKind::ratio_full) {
    const Ratio::State& ratio = as<RatioState>(state).ratio;
    fmt::format_to(std::back_inserter(out), R"("ratio":{{"alpha":{},"beta":{},"n":{}}},)", ratio.alpha,
                   ratio.beta, ratio.n);
  } else {
    describe_level(as<LevelState>(state), out);
  }
  if (is_gauge(params_.kind)) describe_gauge(params_, state, out);
  if (is_seasonal(params_.kind)) {
    const SeasonalState& s = as<SeasonalState>(state);
    describe_seasonal(s.seasonal, slots(state.first(state.size() - familiar_bytes(params_))), s.seasonal_tail,
                      s.choice, out);
  }
  if (params_.kind == EnsembleKind::ratio_full) describe_drift("drift", as<RatioFullState>(state).drift, out);
  if (params_.kind == EnsembleKind::count) {
    describe_rate(as<CountState>(state).rate, out);
    describe_drift("rate_drift", as<CountState>(state).rate_drift, out);
  }
  const NoiseState& common = common_of(params_.kind, state);
  fmt::format_to(std::back_inserter(out),
                 R"("noise":{{"typical":{},"spread":{},"weight":{},"in_block":{}}},"peak":{}}})",
                 common.noise.typical, common.noise.spread, common.noise.weight, common.noise.in_block,
                 common.onset.peak);
  return out;
}

}  // namespace proactive::models
