#include "models/detect/multi_fit.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "models/base/check.h"
#include "models/base/math.h"

namespace proactive::models {
namespace {

constexpr double kLeastShrinkage = 0.03;
constexpr double kVaries = 1e-11, kLeastDeviation = 1e-12;  // of the column's size; in its unit
constexpr double kLeastCount = 8;
constexpr double kExplained = 0.9;

double oas(const MultiFit::Matrix& r, double n) {
  const auto p = static_cast<double>(r.rows());
  const double square = r.squaredNorm(), trace = r.trace();
  const double top = (1 - 2 / p) * square + trace * trace;
  const double bottom = (n + 1 - 2 / p) * (square - trace * trace / p);
  return bottom > 0 ? std::min(1.0, top / bottom) : 1;
}

}  // namespace

void MultiFit::make(const MultiMoments& moments, bool residual) {
  PROACTIVE_CHECK(moments.columns() <= kMostColumns);
  size_ = 0;
  spe_mean_ = 0;
  for (std::size_t i = 0; i < moments.columns(); ++i) {
    const double deviation = std::sqrt(std::max(0.0, moments.covariance(i, i)));
    if (moments.count(i) < kLeastCount ||
        deviation <= std::max(kLeastDeviation, kVaries * std::fabs(moments.mean(i))))
      continue;
    used_[size_] = i;
    scale_[size_++] = deviation;
  }
  if (size_ == 0) return;

  Matrix r(size_, size_);
  for (Eigen::Index i = 0; i < size_; ++i) {
    r(i, i) = 1;
    for (Eigen::Index j = 0; j < i; ++j) {
      const double value = moments.covariance(used_[i], used_[j]) / (scale_[i] * scale_[j]);
      r(i, j) = r(j, i) = std::clamp(value, -1.0, 1.0);
    }
  }
  lambda_ = std::max(kLeastShrinkage, oas(r, moments.freedom()));
  r *= 1 - lambda_;
  r.diagonal().array() += lambda_;

  Eigen::LLT<Matrix> llt(r);
  // Pairs of columns that were rarely there together can leave r indefinite.
  while (llt.info() != Eigen::Success) {
    lambda_ = std::min(1.0, 2 * lambda_);
    r *= 0.5;
    r.diagonal().array() = 1;
    llt.compute(r);
  }
  cholesky_ = llt.matrixL();
  if (!residual) return;

  // On the heap: g++ 12 takes the solver's fixed storage for uninitialised.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen{Eigen::MatrixXd(r)};
  const Vector values = eigen.eigenvalues();  // rising
  Eigen::Index rest = size_;
  for (double kept = 0; rest > 0 && kept < kExplained * values.sum(); --rest) kept += values[rest - 1];
  components_ = eigen.eigenvectors().rightCols(size_ - rest);
  spe_mean_ = values.head(rest).sum();
  if (rest > 0) spe_freedom_ = spe_mean_ * spe_mean_ / values.head(rest).squaredNorm();
}

void MultiFit::narrow(std::span<const Eigen::Index> positions, MultiFit& into) const {
  into.size_ = static_cast<Eigen::Index>(positions.size());
  into.lambda_ = lambda_;
  into.spe_mean_ = 0;
  Matrix r(into.size_, into.size_);
  for (Eigen::Index i = 0; i < into.size_; ++i) {
    into.used_[i] = used_[positions[static_cast<std::size_t>(i)]];
    into.scale_[i] = scale_[positions[static_cast<std::size_t>(i)]];
    const Eigen::Index a = positions[static_cast<std::size_t>(i)];
    for (Eigen::Index j = 0; j <= i; ++j) {
      const Eigen::Index b = positions[static_cast<std::size_t>(j)];
      r(i, j) = r(j, i) = cholesky_.row(a).head(b + 1).dot(cholesky_.row(b).head(b + 1));
    }
  }
  into.cholesky_ = Eigen::LLT<Matrix>(r).matrixL();
}

double MultiFit::t2(const Vector& y) const {
  const Vector half = cholesky_.triangularView<Eigen::Lower>().solve(y);
  return half.squaredNorm();
}

MultiFit::Vector MultiFit::whitened(const Vector& y) const {
  Vector x = cholesky_.triangularView<Eigen::Lower>().solve(y);
  cholesky_.triangularView<Eigen::Lower>().transpose().solveInPlace(x);
  return x;
}

double MultiFit::spe(const Vector& y) const {
  const Vector inside = components_.transpose() * y;
  return std::max(0.0, y.squaredNorm() - inside.squaredNorm());
}

double gaussianised(double x, double freedom) {
  const double spread = 2 / (9 * freedom);
  return (math::pow(std::max(x, 1e-300) / freedom, 1.0 / 3) - 1 + spread) / std::sqrt(spread);
}

double chi_squared_at(double g, double freedom) {
  const double spread = 2 / (9 * freedom);
  const double root = std::max(0.0, g * std::sqrt(spread) + 1 - spread);
  return freedom * root * root * root;
}

}  // namespace proactive::models
