#include "daemon/pipeline/watermark.h"

#include <algorithm>
#include <bit>

namespace proactive::daemon {
namespace {

constexpr std::int64_t kNone = WatermarkState::kNone;
constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kLeastGapUs = 120'000'000;
constexpr int kBusyCustomers = 5;

std::int64_t hour_of(std::int64_t us) { return us >= 0 ? us / kHourUs : -((-us + kHourUs - 1) / kHourUs); }

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

void Watermark::note(std::int64_t time_us, std::uint64_t customer_hash) {
  const std::int64_t hour = hour_of(time_us);
  WatermarkState::Hour* oldest = &state_.hours[0];
  WatermarkState::Hour* found = nullptr;
  for (WatermarkState::Hour& slot : state_.hours) {
    if (slot.hour == hour) found = &slot;
    if (slot.hour < oldest->hour) oldest = &slot;
  }
  if (found == nullptr && hour > oldest->hour) {
    *oldest = {hour, 0};
    found = oldest;
  }
  if (found != nullptr) found->customers |= std::uint64_t{1} << (customer_hash & 63);

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
  if (busy_before(state_.seen_us)) {
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
  // Nothing behind the chain's end although the watermark has moved on: an idle partition in the middle of a hole.
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
