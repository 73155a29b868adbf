#include "daemon/score/cadence.h"

#include <algorithm>

namespace proactive::daemon {

void Cadence::learn(Duration gap) {
  if (gap.count() <= 0) return;
  const std::int64_t oldest = newest_[at_];
  newest_[at_] = gap.count();
  at_ = (at_ + 1) % kGaps;
  if (count_ == kGaps) {
    if (oldest == gap.count()) return;
    erase(oldest);
  }
  insert(gap.count());
}

void Cadence::insert(std::int64_t gap) {
  std::int64_t* const end = sorted_.data() + count_;
  std::int64_t* const place = std::upper_bound(sorted_.data(), end, gap);
  std::copy_backward(place, end, end + 1);
  *place = gap;
  ++count_;
}

void Cadence::erase(std::int64_t gap) {
  std::int64_t* const end = sorted_.data() + count_;
  std::int64_t* const place = std::lower_bound(sorted_.data(), end, gap);
  std::copy(place + 1, end, place);
  --count_;
}

void Cadence::save(ByteWriter& out) const {
  out.put(static_cast<std::uint8_t>(count_));
  for (std::size_t i = 0; i < count_; ++i) out.put(newest_[(at_ + kGaps - count_ + i) % kGaps]);
}

bool Cadence::load(ByteReader& in) {
  *this = {};
  const std::size_t count = in.get<std::uint8_t>();
  if (count > kGaps) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto gap = in.get<std::int64_t>();
    if (in.failed() || gap <= 0 || !plausible_us(gap)) return false;
    learn(Duration(gap));
  }
  return !in.failed();
}

}  // namespace proactive::daemon
