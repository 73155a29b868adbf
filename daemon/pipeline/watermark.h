// The partition's event time: watermark, lateness, and where the pipeline itself was silent.
//
//   W = max(min(event time, now)) - lateness, never falling.
//
// A *hole* is a stretch of event time without any record, longer than max(2 min, lateness) and than twice the second
// longest such stretch of the three hours before, in a partition in which at least five customers spoke in the hour before.
// In a hole nobody is "silent" and nothing counts as zero: a dead
// upstream must not alarm every customer. Holes depend on the set of event times alone, not on the order of arrival
// (within the lateness), because a gap is judged only after the watermark has passed it.
//
// Owner: one Pipeline. Clock: none. Bound: fixed size. Copyable: that is how a transaction is undone.
#pragma once

#include <array>
#include <cstdint>

#include "models/base/time.h"

namespace proactive::daemon {

enum class Admission : std::uint8_t { in_time, late, ahead };

// Written into the meta record as it stands: fixed width, no padding. Times in microseconds; INT64_MIN is "never".
struct WatermarkState {
  static constexpr std::int64_t kNone = INT64_MIN;
  struct Hole {
    std::int64_t start = kNone, end = kNone;
    friend bool operator==(const Hole&, const Hole&) = default;
  };
  struct Hour {
    std::int64_t hour = kNone;
    std::uint64_t customers = 0;  // one bit per customer hash modulo 64
    std::uint64_t minutes = 0;    // bit m: records in minute m
    friend bool operator==(const Hour&, const Hour&) = default;
  };

  std::int64_t max_event_us = kNone;
  std::int64_t watermark_us = kNone;
  std::int64_t seen_us = kNone;                                // end of the chain of records without a gap
  std::int64_t first_ahead_us = kNone, last_ahead_us = kNone;  // records beyond an open gap
  std::array<Hole, 8> holes{};
  std::array<Hour, 4> hours{};  // the four newest event hours
  std::uint64_t next_hole = 0;

  friend bool operator==(const WatermarkState&, const WatermarkState&) = default;
};
static_assert(sizeof(WatermarkState) == 5 * 8 + 8 * 16 + 4 * 24 + 8);

class Watermark {
 public:
  Watermark(Duration lateness, Duration max_ahead);

  // Late events, and those more than max_ahead in front of `now`, change nothing. One clock that runs ahead never makes
  // others late: the watermark trails `now` too.
  Admission admit(Timestamp time, Timestamp now, std::uint64_t customer_hash);
  // Event time that the lane vouches for (idle partitions). True when it moved.
  bool advance_to(Timestamp time);

  [[nodiscard]] Timestamp value() const;
  [[nodiscard]] Timestamp max_event_time() const;
  // Timers up to here may run: the watermark, held back while a gap in front of it may still be filled.
  [[nodiscard]] std::int64_t horizon_us() const;
  // Whether a hole touches (from, to].
  [[nodiscard]] bool interrupted(std::int64_t from_us, std::int64_t to_us) const;
  // The end of the last hole that touches (from, to]; kNone if none does, INT64_MAX while its end
  // is not certain.
  [[nodiscard]] std::int64_t resumed_after(std::int64_t from_us, std::int64_t to_us) const;

  [[nodiscard]] const WatermarkState& state() const { return state_; }
  void restore(const WatermarkState& state) { state_ = state; }

 private:
  void note(std::int64_t time_us, std::uint64_t customer_hash);
  void settle_gap();
  WatermarkState::Hour* hour_at(std::int64_t hour);
  [[nodiscard]] bool busy_before(std::int64_t time_us) const;
  // Whether the gap between these two records is more than the partition's usual.
  [[nodiscard]] bool is_hole(std::int64_t start_us, std::int64_t end_us) const;

  std::int64_t lateness_us_;
  std::int64_t max_ahead_us_;
  std::int64_t gap_us_;
  WatermarkState state_;
};

}  // namespace proactive::daemon
