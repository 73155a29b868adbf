#include "models/detect/density_tail.h"

#include <algorithm>
#include <cmath>

#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr std::size_t kBins = DensityTail::kBins;
constexpr int kCentre = 36;
constexpr double kBinsPerUnit = 6;  // of asinh(z)
constexpr int kReach = 9;
constexpr std::uint16_t kOne = 16, kMostTotal = 4000 * kOne;
// Masses are whole numbers, whose sum no vector unit can round: one sample is 2^19, all together stay below 2^31.
constexpr int kMassShift = 15;  // of a sixteenth

// Of the bins 0..36 from the centre outwards, 20 samples in all; the last holds all beyond (tests/data/reference/make_detectors.py).
constexpr std::array<std::int32_t, kCentre + 1> kPriorHalf = {
    642096, 638990, 628676, 608529, 575377, 527115, 464312, 390964, 313749, 240003, 175528, 123357, 83813,
    55400,  35831,  22789,  14312,  8904,   5501,   3381,   2070,   1264,   771,    469,    285,    173,
    105,    64,     39,     24,     14,     9,      5,      3,      2,      2,      2};

constexpr std::array<std::int32_t, kBins> make_prior() {
  std::array<std::int32_t, kBins> prior{};
  for (int i = 0; i < static_cast<int>(kBins); ++i) {
    prior[static_cast<std::size_t>(i)] =
        kPriorHalf[static_cast<std::size_t>(i < kCentre ? kCentre - i : i - kCentre)];
  }
  return prior;
}
constexpr std::array<std::int32_t, kBins> kPrior = make_prior();

std::int32_t mass_of(const DensityTail::State& s, std::size_t bin) {
  return (static_cast<std::int32_t>(s.counts[bin]) << kMassShift) + kPrior[bin];
}

// What the nearest seen bin on one side lends to an unseen one.
std::int32_t lent(const DensityTail::State& s, int bin, int side) {
  std::int32_t share = 1;
  for (int distance = 1; distance <= kReach; ++distance) {
    const int other = bin + side * distance;
    if (other < 0 || other >= static_cast<int>(kBins)) return 0;
    share *= 3;
    if (s.counts[static_cast<std::size_t>(other)] > 0) {
      return mass_of(s, static_cast<std::size_t>(other)) / share;
    }
  }
  return 0;
}

void halve(DensityTail::State& s) {
  s.total = 0;
  for (std::uint16_t& count : s.counts) {
    count = static_cast<std::uint16_t>(count / 2);
    s.total = static_cast<std::uint16_t>(s.total + count);
  }
}

}  // namespace

std::size_t DensityTail::bin_of(double z) {
  const double size = std::fabs(z);
  const double place = size < 1e9 ? math::log(size + std::sqrt(size * size + 1)) * kBinsPerUnit : kCentre;
  const int away = std::min(kCentre, static_cast<int>(place + 0.5));
  return static_cast<std::size_t>(z < 0 ? kCentre - away : kCentre + away);
}

double DensityTail::surprise_of_bin(const State& s, std::size_t bin) const {
  const std::int32_t own = mass_of(s, bin);
  std::int32_t density = own;
  if (lends_ && s.counts[bin] == 0) {
    density = std::max({own, lent(s, static_cast<int>(bin), -1), lent(s, static_cast<int>(bin), 1)});
  }
  std::int32_t no_denser = 0, total = 0;
  // The last bin apart: 72 is a number that vector units like.
  for (std::size_t i = 0; i < kBins - 1; ++i) {
    const std::int32_t mass = mass_of(s, i);
    total += mass;
    no_denser += mass <= density ? mass : 0;
  }
  const std::int32_t last = mass_of(s, kBins - 1);
  total += last;
  no_denser += last <= density ? last : 0;
  const double p = (static_cast<double>(no_denser) + (density - own)) / static_cast<double>(total);
  return p >= 1 ? 0 : -math::log10(p);
}

bool DensityTail::familiar(const State& s, double z) {
  const auto bin = static_cast<int>(bin_of(z));
  const int last = std::min(static_cast<int>(kBins) - 1, bin + kReach);
  for (int i = std::max(0, bin - kReach); i <= last; ++i) {
    if (s.counts[static_cast<std::size_t>(i)] > 0) return true;
  }
  return false;
}

double DensityTail::surprise(const State& s, double z) const { return surprise_of_bin(s, bin_of(z)); }

double DensityTail::update(State& s, double z) const {
  const std::size_t bin = bin_of(z);
  const double result = surprise_of_bin(s, bin);
  s.counts[bin] = static_cast<std::uint16_t>(s.counts[bin] + kOne);
  s.total = static_cast<std::uint16_t>(s.total + kOne);
  if (s.total > kMostTotal) halve(s);
  return result;
}

bool DensityTail::sane(const State& s) const {
  std::uint32_t total = 0;
  for (const std::uint16_t count : s.counts) total += count;
  return total == s.total && total <= kMostTotal;
}

}  // namespace proactive::models
