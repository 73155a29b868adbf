// MultiFit is what is derived from MultiMoments to measure a row: scales, the shrunk correlation and its factors.
//
//   R = (1 - lambda) correlation + lambda I,  lambda = max(0.03, OAS(correlation, degrees of freedom))
//   T2 = yT R^-1 y by Cholesky          share of i: y_i (R^-1 y)_i / T2, negative shown as 0
//   SPE = |(I - V VT) y|^2, V the principal components up to 90 % of the variance
//
// OAS is the shrinkage of least expected squared error for normal data: near 1 when there are fewer rows than columns, so
// the diagonal alone remains; the floor of 0.03 keeps directions that the baseline hardly showed from ruling T2.
// Sources: Hotelling 1947; Chen, Wiesel, Eldar and Hero 2010 (OAS); Jackson and Mudholkar 1979 (SPE).
// Columns are in use if they vary: standard deviation above 1e-11 of their size, and 1e-12. Cost: the fit d^3, a row d^2. Bytes: about
// 70 KiB at most, derived and never stored. Allocation: for SPE, in make(). Clock: none.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/detect/multi_moments.h"

namespace proactive::models {

class MultiFit {
 public:
  static constexpr std::size_t kMostColumns = 64;
  using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, kMostColumns, 1>;
  using Matrix =
      Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, kMostColumns, kMostColumns>;

  MultiFit() = default;
  explicit MultiFit(const MultiMoments& moments) { make(moments); }
  // `residual`: whether SPE is wanted, whose decomposition is most of the cost and allocates. REQUIRES: at most kMostColumns
  // columns.
  void make(const MultiMoments& moments, bool residual = true);

  [[nodiscard]] Eigen::Index size() const { return size_; }  // columns in use; 0: nothing to measure yet
  [[nodiscard]] std::size_t column(Eigen::Index i) const { return used_[i]; }
  [[nodiscard]] double scale(Eigen::Index i) const { return scale_[i]; }  // one standard deviation
  [[nodiscard]] double shrinkage() const { return lambda_; }

  [[nodiscard]] double t2(const Vector& y) const;
  // The fit of some of its columns: what is left of R when the others are unknown. REQUIRES: rising positions below size().
  void narrow(std::span<const Eigen::Index> positions, MultiFit& into) const;
  [[nodiscard]] Vector whitened(const Vector& y) const;  // R^-1 y
  [[nodiscard]] double spe(const Vector& y) const;
  // SPE of a healthy row is about a * chi-squared of f degrees of freedom, a f its mean (Box 1954).
  [[nodiscard]] double spe_mean() const { return spe_mean_; }
  [[nodiscard]] double spe_freedom() const { return spe_freedom_; }

 private:
  Eigen::Index size_ = 0;
  std::size_t used_[kMostColumns] = {};
  double scale_[kMostColumns] = {};
  double lambda_ = 1, spe_mean_ = 0, spe_freedom_ = 1;
  Matrix cholesky_;    // lower
  Matrix components_;  // columns: the principal components kept
};

// (x/freedom) for x chi-squared, as a number that is nearly standard normal (Wilson and Hilferty 1931). REQUIRES: freedom > 0.
[[nodiscard]] double gaussianised(double x, double freedom);
// Its inverse.
[[nodiscard]] double chi_squared_at(double g, double freedom);

}  // namespace proactive::models
