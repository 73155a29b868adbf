#include "daemon/pipeline/watermark.h"

#include <algorithm>
#include <bit>

namespace proactive::daemon {
namespace {

constexpr std::int64_t kNone = WatermarkState::kNone;
constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kLeastGapUs = 120'000'000;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr int kBusyCustomers = 5;
constexpr std::int64_t kUsualMinutes = 180;  // what is usual, is seen in so many minutes before
constexpr std::int64_t kUsualGaps = 2;       // a hole is longer than so many of the longest usual gaps

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : (a + 1) / b - 1; }
std::int64_t hour_of(std::int64_t us) { return floor_div(us, kHourUs); }
std::int64_t minute_of(std::int64_t us) { return floor_div(us, kMinuteUs); }
std::uint64_t bit_of(std::int64_t minute) {
  return std::uint64_t{1} << static_cast<unsigned>(minute - floor_div(minute, 60) * 60);
}

}  // namespace

Watermark::Watermark(Duration lateness, Duration max_ahead)
    : lateness_us_(lateness.count()),
      max_ahead_us_(max_ahead.count()),
      gap_us_(std::max(kLeastGapUs, lateness.count())) {}

Admission Watermark::admit(Timestamp time, Timestamp now, std::uint64_t customer_hash, bool& clamped) {
  const std::int64_t time_us = time.time_since_epoch().count();
  if (time_us < state_.watermark_us) return Admission::late;
  const std::int64_t limit_us = now.time_since_epoch().count() + max_ahead_us_;
  clamped = time_us > limit_us;
  const std::int64_t effective_us = std::min(time_us, limit_us);
  note(effective_us, customer_hash);
  if (effective_us > state_.max_event_us) {
    state_.max_event_us = effective_us;
    state_.watermark_us = std::max(state_.watermark_us, effective_us - lateness_us_);
    settle_gap();
  }
  return Admission::in_time;
}

bool Watermark::advance_to(Timestamp time) {
  const std::int64_t time_us = time.time_since_epoch().count();
  if (state_.max_event_us == kNone || time_us <= state_.watermark_us) return false;
  state_.watermark_us = time_us;
  settle_gap();
  return true;
}

// nullptr: older than those that are kept.
WatermarkState::Hour* Watermark::hour_at(std::int64_t hour) {
  WatermarkState::Hour* oldest = &state_.hours[0];
  for (WatermarkState::Hour& slot : state_.hours) {
    if (slot.hour == hour) return &slot;
    if (slot.hour < oldest->hour) oldest = &slot;
  }
  if (hour < oldest->hour) return nullptr;
  *oldest = {hour, 0, 0};
  return oldest;
}

void Watermark::note(std::int64_t time_us, std::uint64_t customer_hash) {
  if (WatermarkState::Hour* hour = hour_at(hour_of(time_us))) {
    hour->customers |= std::uint64_t{1} << (customer_hash & 63);
    hour->minutes |= bit_of(minute_of(time_us));
  }

  // A record from behind the first one that came after a hole: the hole ended earlier than it seemed.
  for (WatermarkState::Hole& hole : state_.holes) {
    if (time_us > hole.start && time_us < hole.end) hole.end = time_us;
  }
  if (state_.seen_us == kNone || time_us - state_.seen_us <= gap_us_) {
    state_.seen_us = std::max(state_.seen_us, time_us);
    // A record that fills the gap lets the chain reach what lay beyond it.
    if (state_.first_ahead_us != kNone && state_.first_ahead_us - state_.seen_us <= gap_us_) {
      state_.seen_us = std::max(state_.seen_us, state_.last_ahead_us);
      state_.first_ahead_us = state_.last_ahead_us = kNone;
    }
    return;
  }
  state_.first_ahead_us = state_.first_ahead_us == kNone ? time_us : std::min(state_.first_ahead_us, time_us);
  state_.last_ahead_us = std::max(state_.last_ahead_us, time_us);
}

// Once the watermark is past the least end of a gap, nothing can fill it any more.
void Watermark::settle_gap() {
  if (state_.first_ahead_us == kNone || state_.watermark_us < state_.seen_us + gap_us_) return;
  if (is_hole(state_.seen_us, state_.first_ahead_us)) {
    state_.holes[state_.next_hole % state_.holes.size()] = {state_.seen_us, state_.first_ahead_us};
    ++state_.next_hole;
  }
  state_.seen_us = state_.last_ahead_us;
  state_.first_ahead_us = state_.last_ahead_us = kNone;
}

bool Watermark::busy_before(std::int64_t time_us) const {
  const std::int64_t hour = hour_of(time_us);
  std::uint64_t customers = 0;
  for (const WatermarkState::Hour& slot : state_.hours) {
    if (slot.hour == hour || slot.hour == hour - 1) customers |= slot.customers;
  }
  return std::popcount(customers) >= kBusyCustomers;
}

bool Watermark::is_hole(std::int64_t start_us, std::int64_t end_us) const {
  if (!busy_before(start_us)) return false;
  const std::int64_t last = minute_of(start_us);
  // Runs of minutes without records between minutes with some: what came before the first is not known. The longest may be
  // a hole itself, so the second is what counts as usual.
  std::int64_t run = 0, longest = 0, second = 0;
  bool begun = false;
  for (std::int64_t minute = last - kUsualMinutes; minute <= last; ++minute) {
    const std::int64_t hour = floor_div(minute, 60);
    const bool spoken = std::any_of(state_.hours.begin(), state_.hours.end(), [&](const auto& slot) {
      return slot.hour == hour && (slot.minutes & bit_of(minute)) != 0;
    });
    if (!spoken) {
      if (begun) ++run;
      continue;
    }
    begun = true;
    second = std::max(second, std::min(run, longest));
    longest = std::max(longest, run);
    run = 0;
  }
  return end_us - start_us > std::max(gap_us_, kUsualGaps * (second + 1) * kMinuteUs);
}

Timestamp Watermark::value() const { return Timestamp(Duration(state_.watermark_us)); }
Timestamp Watermark::max_event_time() const { return Timestamp(Duration(state_.max_event_us)); }

std::int64_t Watermark::horizon_us() const {
  if (state_.seen_us == kNone || state_.watermark_us <= state_.seen_us) return state_.watermark_us;
  return state_.watermark_us >= state_.seen_us + gap_us_ ? state_.watermark_us : state_.seen_us;
}

std::int64_t Watermark::resumed_after(std::int64_t from_us, std::int64_t to_us) const {
  std::int64_t end = kNone;
  for (const WatermarkState::Hole& hole : state_.holes) {
    if (hole.end != kNone && hole.end > from_us && hole.start < to_us) end = std::max(end, hole.end);
  }
  // Nothing behind the chain's end although the watermark has moved on: an idle partition, perhaps in the middle of a
  // hole. Only its end tells, so nobody is silent as yet.
  if (state_.seen_us != kNone && state_.watermark_us >= state_.seen_us + gap_us_ && state_.seen_us < to_us &&
      busy_before(state_.seen_us)) {
    return INT64_MAX;
  }
  // Until the watermark is past it, an earlier end may still turn up.
  return end > state_.watermark_us ? INT64_MAX : end;
}

bool Watermark::interrupted(std::int64_t from_us, std::int64_t to_us) const {
  return resumed_after(from_us, to_us) != kNone;
}

}  // namespace proactive::daemon
