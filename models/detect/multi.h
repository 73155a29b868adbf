// Multi notices that several measures of one entity are jointly odd though each alone may look usual.
//
//   z_i = (x_i - entity's mean) / scale, clipped to +-8           scale, R: of the cohort's baseline (multi_fit.h)
//   level:    y += 2/9 (z - y);  T2 = yT R^-1 y / (var y)         the means have moved
//   spread:   q = zT R^-1 z, gaussianised; e += 2/9 (q - e)       columns no longer move together, or move more
//   residual: SPE of y                                            off the baseline's principal plane
//
// Each becomes nearly normal by Wilson and Hilferty (1931) and a probability by its own tail (tail.h), which the baseline
// has taught before it was learnt itself. The loudest of level and spread speaks: surprise = max -log10 p. `residual` is
// reported and does not speak: measured, it finds nothing that the two miss (docs/models/multi.md).
// var y = l/(2-l) (1 - (1-l)^2k) + (1 - (1-l)^j)^2/(n + 4), l = 2/9: k rows after the start, j rows after the last that
// was learnt (residuals from a mean that stands still share its error), a mean known from n rows. It is multiplied by what
// rows that were not yet learnt have shown, at least 1: per column by the variance of y (residuals that remember themselves
// vary more), and T2 and q by their mean over d (a covariance from few rows looks smaller than it is).
// An entity's mean is shrunk to its cohort's, (4 cohort + n own)/(4 + n), by half of its standard error at most.
// A missing value leaves its y as it was; what is there is measured by its own part of R. A column that never varied is left
// out.
// The fit is renewed after n/8 baseline rows, at most 64. Cost: d^2, and d^3 at a renewal. Clock: none. Allocation: only in
// constructors and, with the residual, in renewals and load(). State: 24 d + 20 B an entity; 8 d^2 + 48 d + 130 B a cohort (what is behind the fit,
// and what came since), in double.
// Sources: Hotelling 1947; Lowry, Woodall, Champ and Rigdon 1992 (the smoothed T2).
// Parameters: at most 64 columns. Not for: several operating regimes in one covariance (take them out first: regimes.h),
// cohorts of mixed kinds.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/bytes.h"
#include "models/detect/multi_fit.h"
#include "models/detect/multi_moments.h"
#include "models/detect/tail.h"

namespace proactive::models {

enum class MultiChannel : std::uint8_t { level, spread, residual };
inline constexpr std::size_t kMultiChannels = 3;

struct MultiReading {
  static constexpr std::size_t kContributors = 3;
  struct Contributor {
    std::size_t column = 0;
    double share = 0;  // of T2 or q; 0: there are fewer
  };

  bool ready = false;
  double surprise = 0;                            // -log10 p of the channel that speaks
  std::array<double, kMultiChannels> channels{};  // likewise, of each
  std::array<double, kMultiChannels> g{};         // the statistics, nearly standard normal when healthy
  MultiChannel top = MultiChannel::level;
  double t2 = 0, freedom = 0;  // of the level channel: its statistic and what it is on average
  double q = 0, present = 0;   // of the spread channel: this row's, and how many columns it has
  double t2_high = 0;          // T2 at p = 0.01
  std::array<Contributor, kContributors> contributors{};
};

// What the baseline rows of all entities of a kind have taught.
struct MultiCohort {
  // `with_residual`: whether the residual channel is computed, which does not speak. REQUIRES: 1 to MultiFit::kMostColumns
  // columns.
  explicit MultiCohort(std::size_t columns, bool with_residual = true);

  MultiMoments settled, pending;  // behind the fit; since then
  // How loud rows were before they were learnt, sums over `heard` of them:
  std::vector<double> inflation;        // per column y^2 / var y
  std::array<double, 2> excess_sums{};  // of level and spread: the statistic over its degrees of freedom
  double heard = 0;
  std::array<Tail::State, kMultiChannels> tails;
  MultiFit fit;  // derived from `settled`, not stored
  bool residual;

  [[nodiscard]] std::size_t columns() const { return settled.columns(); }
  // Takes what came since the last fit into account now: when a baseline is complete.
  void renew();
  // How much larger than expected the statistic was, at least 1.
  [[nodiscard]] double excess(MultiChannel channel) const;

  void save(ByteWriter& out) const;
  // False: damaged, and this cohort with it. REQUIRES: the columns it was saved with.
  [[nodiscard]] bool load(ByteReader& in);
};

// One entity's own mean, and where its smoothed values stand.
struct MultiEntity {
  explicit MultiEntity(std::size_t columns) : mean(columns), y(columns), counts(columns) {}

  std::vector<double> mean, y;
  std::vector<double> counts;  // rows behind the mean, per column
  double spread = 0;
  std::uint32_t rows = 0;      // learnt
  std::uint32_t smoothed = 0;  // rows in y and spread
  std::uint32_t since = 0;     // of them, those behind the last row that was learnt

  void save(ByteWriter& out) const;
  [[nodiscard]] bool load(ByteReader& in);
};

class Multi {
 public:
  // Scores the row and moves the entity's smoothed values. A value that is not finite is missing. REQUIRES: row, cohort and
  // entity have the same columns; finite values are at most 1e30 in size.
  [[nodiscard]] MultiReading update(const MultiCohort& cohort, MultiEntity& entity,
                                    std::span<const double> row) const;
  // Learns a healthy row, behind its update(): mean, covariance, and how loud `reading` was. `memory`: rows remembered.
  void learn(MultiCohort& cohort, MultiEntity& entity, std::span<const double> row,
             const MultiReading& reading, double memory) const;
};

}  // namespace proactive::models
