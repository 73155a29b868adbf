// Regimes notices that a machine runs in a few distinct operating points, and takes them out of its rows.
//
// The first baseline rows (512 at most) are looked at once. A column is a *setting* if its values fall into 2 to 8 groups:
// sorted, apart by more than 4 % of the range, each of at least 1 % of the rows and 3, with less than 1 % of the column's
// variance inside the groups. Where the settings together take 2 to 12 combinations that cover 90 % of the rows, these are
// the regimes; a row belongs to the nearest (distance over settings, in standard deviations), and what is scored is its
// distance from the mean of its regime. Otherwise rows stay as they are: a mixture of dozens is left to the covariance.
// The means go on learning from baseline rows. Cost: about 3 k d flops a row of k regimes. State: 12 means of d columns.
// Clock: none. Allocation: only in find() and load().
// Not for: continuous settings (speed, load): their effect is in the covariance if it is linear, else unseen.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/base/bytes.h"

namespace proactive::models {

class Regimes {
 public:
  static constexpr std::size_t kMostRows = 512, kMostRegimes = 12;

  explicit Regimes(std::size_t columns) : columns_(columns) {}

  // Looks at `rows`, row by row of `columns` numbers, NaN where missing, and learns them.
  void find(std::span<const double> rows);
  [[nodiscard]] std::size_t count() const { return counts_.size(); }  // 0: none

  // Learns a baseline row: the mean of its regime.
  void learn(std::span<const double> row);
  // Takes the mean of its regime away. Without regimes the row stays as it is.
  void center(std::span<double> row) const;

  void save(ByteWriter& out) const;
  [[nodiscard]] bool load(ByteReader& in);

 private:
  [[nodiscard]] std::size_t nearest(std::span<const double> row) const;

  std::size_t columns_;
  std::vector<std::size_t> settings_;     // columns
  std::vector<double> centers_, scales_;  // of the settings: count() times settings, settings
  std::vector<double> means_, counts_;    // count() times columns, count()
};

}  // namespace proactive::models
