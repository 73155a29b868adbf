// Cadence is how far apart the rows of a file usually are: the median of the last 31 gaps above zero.
//
// Cost: a few ns while gaps are equal, about 30 otherwise. Bound: 31 gaps. Clock and allocation: none.
#pragma once

#include <array>
#include <cstdint>

#include "models/base/bytes.h"
#include "models/base/time.h"

namespace proactive::daemon {

class Cadence {
 public:
  static constexpr Duration kUnknown = std::chrono::minutes(5);  // until there is a gap

  void learn(Duration gap);  // gaps of zero and below teach nothing
  [[nodiscard]] Duration step() const { return count_ == 0 ? kUnknown : Duration(sorted_[(count_ - 1) / 2]); }

  void save(ByteWriter& out) const;
  [[nodiscard]] bool load(ByteReader& in);  // false: damaged

 private:
  static constexpr std::size_t kGaps = 31;
  void insert(std::int64_t gap);
  void erase(std::int64_t gap);

  std::array<std::int64_t, kGaps> newest_{}, sorted_{};  // microseconds; a ring, and the same in order
  std::size_t count_ = 0, at_ = 0;
};

}  // namespace proactive::daemon
