// DensityTail turns a statistic z into a probability by how often this series has shown values like it.
//
//   73 bins of asinh(z) 6;   mass = prior + count;   p = mass of the bins no denser than that of z, over all mass
//
// Not only what lies beyond the end is odd, but also what falls into a gap: a series that jumps by 0 or by 10 has never
// jumped by 5. A bin that was never seen is as dense as the nearest one seen, at most 9 bins away, spread over the way there.
// Prior: Student t with 3 degrees of freedom, worth 60 samples. Memory: counts are halved when they pass 4000, in sixteenths,
// so that a single sight lasts 8000 samples; the prior halves with them, three times. Even the rarest value claims no more than
// about -log10 p = 9.
// Source: histogram density, Scott 1992; ranking by density, Hyndman 1996. Cost: about 40 ns. State: 150 B. Clock and allocation: none.
// Not for: statistics without a natural zero and scale; the bins are fixed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace proactive::models {

class DensityTail {
 public:
  static constexpr std::size_t kBins = 73;
  struct State {
    std::array<std::uint16_t, kBins> counts{};  // in sixteenths
    std::uint16_t total = 0;                    // their sum
    std::uint16_t halvings = 0;                 // of the prior, at most 3
  };
  static_assert(sizeof(State) == 150);

  // -log10 p of z, then learns z. REQUIRES: z finite.
  [[nodiscard]] double update(State& state, double z) const;
  // -log10 p without learning.
  [[nodiscard]] double surprise(const State& state, double z) const;
  // The bin of z, 0 to 72; 36 holds 0.
  [[nodiscard]] static std::size_t bin_of(double z);
  [[nodiscard]] bool sane(const State& state) const;

 private:
  [[nodiscard]] static double surprise_of_bin(const State& state, std::size_t bin);
};

}  // namespace proactive::models
