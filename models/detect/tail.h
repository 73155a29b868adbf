// Tail turns a statistic s = |z| into a probability, by the tail that this series itself has shown.
//
//   u follows the 98 % quantile of s; beyond it a generalised Pareto tail is fitted by the moments of the excesses:
//   s <= u: p = 0.02 ^ ((s/u)^2)                  s > u: p = 0.02 (1 + xi (s - u)/sigma)^(-1/xi)
//
// Prior: u = 2.5, mean excess 0.6, mean square 0.72, worth 5 excesses (250 samples); docs/models/calibration.md has the
// measurements behind it. Speaks from 30 samples on. No more evidence is claimed than was seen: -log10 p <= log10(n + 250) + 3.
// Source: Pickands 1975; Hosking and Wallis 1987 (moments). Cost: about 25 ns. State: 24 B. Clock and allocation: none.
// An incident does not teach itself normal: distances are clipped to 5 scales, excesses to 8 mean excesses; of a run of
// values beyond u the second to sixth are clipped to 3 and the rest is not learnt at all.
#pragma once

#include <cstdint>
#include <optional>

namespace proactive::models {

class Tail {
 public:
  static constexpr std::uint32_t kSilentUntil = 30;

  struct State {
    float u = 2.5F, mean_excess = 0.6F, mean_square = 0.72F, scale = 1.7F;
    std::uint32_t n = 0;
    std::uint8_t weight = 5;  // excesses behind the two means, at most 40
    std::uint8_t run = 0;     // values beyond u in a row, stops at 255
    std::uint16_t reserved = 0;
  };
  static_assert(sizeof(State) == 24);

  // -log10 p of s, then learns s. nullopt while warming up. REQUIRES: s >= 0 and finite.
  [[nodiscard]] std::optional<double> update(State& state, double s) const;
  // -log10 p without learning and without the evidence cap.
  [[nodiscard]] double surprise(const State& state, double s) const;
  // The s whose p is `p`, at most 0.02: the half width of a band, in scales.
  [[nodiscard]] double quantile(const State& state, double p) const;
  [[nodiscard]] bool sane(const State& state) const;

 private:
  void learn(State& state, double s) const;
};

}  // namespace proactive::models
