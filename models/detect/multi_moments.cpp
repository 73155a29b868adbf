#include "models/detect/multi_moments.h"

#include <algorithm>
#include <cmath>

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
  bool sound = true;
  const auto take = [&](double least, double most) {
    const auto value = in.get<double>();
    sound = sound && value >= least && value <= most;  // NaN compares false
    return value;
  };
  rows_ = take(0, 1e15);
  groups_ = take(0, rows_);
  for (double& count : counts_) count = take(0, rows_ * (1 + 1e-9));
  for (double& mean : mean_) mean = take(-kLargestValue, kLargestValue);
  for (double& sum : scatter_) sum = take(-1e80, 1e80);
  for (std::size_t i = 0; i < columns(); ++i) sound = sound && scatter_[at(i, i)] >= 0;
  return sound && !in.failed();
}

void MultiMoments::clear() {
  rows_ = groups_ = 0;
  for (std::vector<double>* all : {&counts_, &mean_, &scatter_}) std::fill(all->begin(), all->end(), 0.0);
}

}  // namespace proactive::models
