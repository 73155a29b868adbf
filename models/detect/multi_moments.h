// MultiMoments is what rows of several columns show about their level and how they vary together, entity by entity.
//
//   scatter = sum over rows of d dT (n - 1)/n,  d = row - its entity's mean before it, n = its number in the entity
//
// So scatter / (rows - groups) is the covariance within entities; differences between entities' levels are not in it. A
// missing value moves neither mean nor scatter of its column. merge() adds what others saw: associative and commutative up
// to rounding (Chan, Golub and LeVeque 1979, for means). Bytes: 16 + 16 d + 4 d (d + 1). Clock: none. Allocation: only in
// the constructor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/bytes.h"

namespace proactive::models {

class MultiMoments {
 public:
  explicit MultiMoments(std::size_t columns)
      : counts_(columns), mean_(columns), scatter_(columns * (columns + 1) / 2) {}

  // `deviation`: of the row from its entity's mean before it, NaN where a value is missing; `weight` is (n - 1)/n.
  void learn(std::span<const double> row, std::span<const double> deviation, double weight);
  void open_group() { ++groups_; }  // a further entity: its first row
  // Counts, means and scatter of both. REQUIRES: the same columns.
  void merge(const MultiMoments& other);
  // Forgets, so that at most `rows` rows are remembered.
  void forget(double rows);

  [[nodiscard]] std::size_t columns() const { return mean_.size(); }
  [[nodiscard]] double rows() const { return rows_; }
  [[nodiscard]] double count(std::size_t i) const { return counts_[i]; }
  [[nodiscard]] double mean(std::size_t i) const { return mean_[i]; }
  // Rows less the means that were taken from them, at least 1.
  [[nodiscard]] double freedom() const { return rows_ - groups_ > 1 ? rows_ - groups_ : 1; }
  [[nodiscard]] double covariance(std::size_t i, std::size_t j) const;

  void save(ByteWriter& out) const;
  // False: damaged, and these moments with it. REQUIRES: the columns it was saved with.
  [[nodiscard]] bool load(ByteReader& in);
  void clear();

 private:
  [[nodiscard]] static std::size_t at(std::size_t i, std::size_t j) { return i * (i + 1) / 2 + j; }  // j <= i

  double rows_ = 0, groups_ = 0;
  std::vector<double> counts_, mean_, scatter_;  // scatter: lower triangle, row by row
};

}  // namespace proactive::models
