// Notices that a partition's input has gone bad as a whole: too many records that cannot be decoded or applied, in a
// row or among the last 1000. Records whose signal no rule uses, and late ones, do not count.
//
// Owner: one partition of a lane. Memory: 176 bytes. Clock: none.
#pragma once

#include <bitset>
#include <cstdint>

namespace proactive::daemon {

class PoisonLimit {
 public:
  static constexpr std::size_t kWindow = 1000;

  PoisonLimit(std::uint32_t max_consecutive, double max_ratio)
      : max_consecutive_(max_consecutive), max_ratio_(max_ratio) {}

  // True when the limit is exceeded with this record.
  bool add(bool bad) {
    consecutive_ = bad ? consecutive_ + 1 : 0;
    if (window_[next_]) --bad_;
    window_[next_] = bad;
    if (bad) ++bad_;
    next_ = (next_ + 1) % kWindow;
    if (seen_ < kWindow) ++seen_;
    return consecutive_ >= max_consecutive_ ||
           (seen_ == kWindow && static_cast<double>(bad_) > max_ratio_ * static_cast<double>(kWindow));
  }

  [[nodiscard]] std::uint32_t consecutive() const { return consecutive_; }
  [[nodiscard]] std::size_t bad_of_window() const { return bad_; }

 private:
  std::uint32_t max_consecutive_;
  double max_ratio_;
  std::uint32_t consecutive_ = 0;
  std::size_t bad_ = 0, seen_ = 0, next_ = 0;
  std::bitset<kWindow> window_;
};

}  // namespace proactive::daemon
