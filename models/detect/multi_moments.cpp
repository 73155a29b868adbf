#include "models/detect/multi_moments.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/base/check.h"
#include "models/detect/sample.h"

namespace proactive::models {

void MultiMoments::learn(std::span<const double> row, std::span<const double> deviation, double weight) {
  PROACTIVE_CHECK(row.size() == columns() && deviation.size() == columns());
  ++rows_;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (std::isnan(row[i])) continue;
    ++counts_[i];
    mean_[i] += (row[i] - mean_[i]) / counts_[i];
    const double di = weight * deviation[i];
    double* const line = scatter_.data() + at(i, 0);
    for (std::size_t j = 0; j <= i; ++j) {
      if (!std::isnan(row[j])) line[j] += di * deviation[j];
    }
  }
}

void MultiMoments::merge(const MultiMoments& other) {
  PROACTIVE_CHECK(other.columns() == columns());
  rows_ += other.rows_;
  groups_ += other.groups_;
  for (std::size_t i = 0; i < columns(); ++i) {
    const double count = counts_[i] + other.counts_[i];
    if (count > 0) mean_[i] += (other.mean_[i] - mean_[i]) * (other.counts_[i] / count);
    counts_[i] = count;
  }
  for (std::size_t k = 0; k < scatter_.size(); ++k) scatter_[k] += other.scatter_[k];
}

void MultiMoments::forget(double rows) {
  if (rows_ <= rows) return;
  const double keep = rows / rows_;
  rows_ *= keep;
  groups_ *= keep;
  for (double& count : counts_) count *= keep;
  for (double& sum : scatter_) sum *= keep;
}

double MultiMoments::covariance(std::size_t i, std::size_t j) const {
  // Where values are missing, the pair had fewer rows than the file.
  const double share = rows_ > 0 ? std::min(counts_[i], counts_[j]) / rows_ : 0;
  return share > 0 ? scatter_[at(std::max(i, j), std::min(i, j))] / (freedom() * share) : 0;
}

void MultiMoments::save(ByteWriter& out) const {
  out.put(rows_);
  out.put(groups_);
  for (const double count : counts_) out.put(count);
  for (const double mean : mean_) out.put(mean);
  for (const double sum : scatter_) out.put(sum);
}

bool MultiMoments::load(ByteReader& in) {
  MultiMoments loaded(columns());
  bool sound = true;
  const auto take = [&](double least, double most) {
    const auto value = in.get<double>();
    sound = sound && value >= least && value <= most;  // NaN compares false
    return value;
  };
  loaded.rows_ = take(0, 1e15);
  loaded.groups_ = take(0, loaded.rows_);
  for (double& count : loaded.counts_) count = take(0, loaded.rows_ * (1 + 1e-9));
  for (double& mean : loaded.mean_) mean = take(-kLargestValue, kLargestValue);
  for (double& sum : loaded.scatter_) sum = take(-1e80, 1e80);
  for (std::size_t i = 0; i < columns(); ++i) sound = sound && loaded.scatter_[at(i, i)] >= 0;
  if (!sound || in.failed()) return false;
  *this = std::move(loaded);
  return true;
}

}  // namespace proactive::models
