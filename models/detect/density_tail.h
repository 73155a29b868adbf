// DensityTail turns a statistic z into a probability by how often this series has shown values like it.
//
//   73 bins of asinh(z) 6;   mass = prior + count;   p = mass of the bins no denser than that of z, over all mass
//
// Not only what lies beyond the end is odd, but also what falls into a gap: a series that jumps by 0 or by 10 has never
// jumped by 5. `lends`: a bin that was never seen is as dense as the nearest one seen, at most 9 bins away, less two thirds for
// each bin on the way. A smooth statistic must not be lent to: it walks to where it never was, and each step would excuse the next.
// Prior: Student t with 3 degrees of freedom, worth 20 samples for ever: even the rarest value claims no more than about
// -log10 p = 9. Memory: counts are halved when they pass 4000, in sixteenths, so that a single sight lasts 8000 samples.
// Source: histogram density, Scott 1992; ranking by density, Hyndman 1996. Cost: about 60 ns. State: 148 B. Clock and allocation: none.
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
  };
  static_assert(sizeof(State) == 148);

  constexpr explicit DensityTail(bool lends) : lends_(lends) {}

  // -log10 p of z, then learns z. REQUIRES: z finite.
  [[nodiscard]] double update(State& state, double z) const;
  // Whether z's bin, or one that would lend to it, has been seen.
  [[nodiscard]] static bool familiar(const State& state, double z);
  // -log10 p without learning.
  [[nodiscard]] double surprise(const State& state, double z) const;
  // The bin of z, 0 to 72; 36 holds 0.
  [[nodiscard]] static std::size_t bin_of(double z);
  [[nodiscard]] bool sane(const State& state) const;

 private:
  [[nodiscard]] double surprise_of_bin(const State& state, std::size_t bin) const;

  bool lends_;
};

}  // namespace proactive::models
