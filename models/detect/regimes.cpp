#include "models/detect/regimes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "models/detect/sample.h"

namespace proactive::models {
namespace {

constexpr double kApart = 0.04, kInside = 0.01, kLeastShare = 0.01, kLeastRows = 3, kCovered = 0.9;
constexpr std::size_t kMostGroups = 8;

struct Rows {
  std::span<const double> all;
  std::size_t columns;

  [[nodiscard]] std::size_t size() const { return all.size() / columns; }
  [[nodiscard]] double at(std::size_t row, std::size_t column) const { return all[row * columns + column]; }
};

struct Spread {
  double mean = 0, square = 0, n = 0;
  void add(double x) {
    ++n;
    const double off = x - mean;
    mean += off / n;
    square += off * (x - mean);
  }
};

// Which group each row's value is in; empty if the column is no setting.
std::vector<std::uint8_t> groups_of(const Rows& rows, std::size_t column, std::vector<double>& sorted) {
  sorted.clear();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!std::isfinite(rows.at(r, column))) return {};
    sorted.push_back(rows.at(r, column));
  }
  std::sort(sorted.begin(), sorted.end());
  const double range = sorted.back() - sorted.front();
  if (!(range > 1e-9 * std::max(1.0, std::fabs(sorted.back())))) return {};
  std::vector<double> edges;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] - sorted[i - 1] > kApart * range) edges.push_back(0.5 * (sorted[i] + sorted[i - 1]));
    if (edges.size() >= kMostGroups) return {};
  }
  if (edges.empty()) return {};

  std::vector<std::uint8_t> group(rows.size());
  std::vector<Spread> inside(edges.size() + 1);
  Spread whole;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double x = rows.at(r, column);
    group[r] = static_cast<std::uint8_t>(std::upper_bound(edges.begin(), edges.end(), x) - edges.begin());
    inside[group[r]].add(x);
    whole.add(x);
  }
  double left = 0;
  for (const Spread& one : inside) {
    if (one.n < std::max(kLeastRows, kLeastShare * whole.n)) return {};
    left += one.square;
  }
  return left <= kInside * whole.square ? group : std::vector<std::uint8_t>{};
}

}  // namespace

void Regimes::find(std::span<const double> all) {
  *this = Regimes(columns_);
  const Rows rows{all.first(std::min(all.size(), kMostRows * columns_)), columns_};
  if (static_cast<double>(rows.size()) < 2 * kLeastRows) return;
  std::vector<std::vector<std::uint8_t>> keys(rows.size());
  std::vector<double> sorted;
  for (std::size_t column = 0; column < columns_; ++column) {
    const std::vector<std::uint8_t> groups = groups_of(rows, column, sorted);
    if (groups.empty()) continue;
    settings_.push_back(column);
    for (std::size_t r = 0; r < rows.size(); ++r) keys[r].push_back(groups[r]);
  }
  if (settings_.empty()) return;

  std::map<std::vector<std::uint8_t>, std::vector<std::size_t>> combinations;
  for (std::size_t r = 0; r < rows.size(); ++r) combinations[keys[r]].push_back(r);
  const double least = std::max(kLeastRows, kLeastShare * static_cast<double>(rows.size()));
  double covered = 0;
  std::erase_if(combinations,
                [&](const auto& one) { return static_cast<double>(one.second.size()) < least; });
  for (const auto& [key, members] : combinations) covered += static_cast<double>(members.size());
  if (combinations.size() < 2 || combinations.size() > kMostRegimes ||
      covered < kCovered * static_cast<double>(rows.size())) {
    settings_.clear();
    return;
  }
  for (const std::size_t column : settings_) {
    Spread whole;
    for (std::size_t r = 0; r < rows.size(); ++r) whole.add(rows.at(r, column));
    scales_.push_back(std::sqrt(whole.square / whole.n));
  }
  for (const auto& [key, members] : combinations) {
    for (const std::size_t column : settings_) {
      Spread center;
      for (const std::size_t r : members) center.add(rows.at(r, column));
      centers_.push_back(center.mean);
    }
  }
  counts_.assign(combinations.size(), 0);
  means_.assign(combinations.size() * columns_, 0);
  for (std::size_t r = 0; r < rows.size(); ++r) learn(all.subspan(r * columns_, columns_));
}

std::size_t Regimes::nearest(std::span<const double> row) const {
  std::size_t best = 0;
  double least = INFINITY;
  for (std::size_t k = 0; k < count(); ++k) {
    double sum = 0;
    for (std::size_t s = 0; s < settings_.size(); ++s) {
      const double off = (row[settings_[s]] - centers_[k * settings_.size() + s]) / scales_[s];
      if (std::isfinite(off)) sum += off * off;
    }
    if (sum < least) {
      least = sum;
      best = k;
    }
  }
  return best;
}

void Regimes::learn(std::span<const double> row) {
  if (count() == 0) return;
  const std::size_t k = nearest(row);
  const double n = ++counts_[k];
  for (std::size_t i = 0; i < columns_; ++i) {
    double& mean = means_[k * columns_ + i];
    if (std::isfinite(row[i])) mean += (row[i] - mean) / n;
  }
}

void Regimes::center(std::span<double> row) const {
  if (count() == 0) return;
  const std::size_t k = nearest(row);
  for (std::size_t i = 0; i < columns_; ++i) row[i] -= means_[k * columns_ + i];
}

void Regimes::save(ByteWriter& out) const {
  out.put(static_cast<std::uint8_t>(count()));
  if (count() == 0) return;
  out.put(static_cast<std::uint16_t>(settings_.size()));
  for (const std::size_t column : settings_) out.put(static_cast<std::uint16_t>(column));
  for (const std::vector<double>* part : {&centers_, &scales_, &means_, &counts_}) {
    for (const double value : *part) out.put(value);
  }
}

bool Regimes::load(ByteReader& in) {
  Regimes loaded(columns_);
  const std::size_t regimes = in.get<std::uint8_t>();
  if (regimes > kMostRegimes) return false;
  if (regimes > 0) {
    const std::size_t settings = in.get<std::uint16_t>();
    if (settings == 0 || settings > columns_) return false;
    for (std::size_t i = 0; i < settings; ++i) {
      loaded.settings_.push_back(in.get<std::uint16_t>());
      if (loaded.settings_.back() >= columns_) return false;
    }
    loaded.centers_.resize(regimes * settings);
    loaded.scales_.resize(settings);
    loaded.means_.resize(regimes * columns_);
    loaded.counts_.resize(regimes);
    bool sound = true;
    for (std::vector<double>* part : {&loaded.centers_, &loaded.scales_, &loaded.means_, &loaded.counts_}) {
      for (double& value : *part) {
        value = in.get<double>();
        sound = sound && std::fabs(value) <= kLargestValue;
      }
    }
    for (const double scale : loaded.scales_) sound = sound && scale > 0;
    for (const double count : loaded.counts_) sound = sound && count >= 0;
    if (!sound) return false;
  }
  if (in.failed()) return false;
  *this = std::move(loaded);
  return true;
}

}  // namespace proactive::models
