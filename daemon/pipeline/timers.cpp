#include "daemon/pipeline/timers.h"

#include <algorithm>

namespace proactive::daemon {
namespace {

// For std heaps, which put the greatest first.
bool later(const Timer& a, const Timer& b) {
  if (a.due_us != b.due_us) return a.due_us > b.due_us;
  return a.order > b.order;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : (a + 1) / b - 1; }

}  // namespace

Timers::Timers() : wheel_(kSlots), cursor_(0) {}

std::int64_t Timers::slot_of(std::int64_t us) { return floor_div(us, kSlotUs); }

void Timers::add(const Timer& timer) {
  const std::int64_t slot = slot_of(timer.due_us);
  if (!started_) {
    started_ = true;
    cursor_ = slot - 1;
  }
  ++size_;
  if (slot <= cursor_) {
    current_.push_back(timer);
    std::push_heap(current_.begin(), current_.end(), later);
  } else if (slot - cursor_ < static_cast<std::int64_t>(kSlots)) {
    wheel_[static_cast<std::size_t>(slot) % kSlots].push_back(timer);
    ++in_wheel_;
  } else {
    far_[floor_div(slot, static_cast<std::int64_t>(kSlots))].push_back(timer);
  }
}

void Timers::refill_current(std::int64_t horizon_us) {
  const std::int64_t last = slot_of(horizon_us);
  constexpr auto kSpan = static_cast<std::int64_t>(kSlots);
  while (current_.empty() && cursor_ < last) {
    if (in_wheel_ == 0) {
      // Nothing near: go straight to the first far group, or to the horizon.
      const std::int64_t target = far_.empty() ? last : std::min(last, far_.begin()->first * kSpan - 1);
      if (target > cursor_) cursor_ = target;
    }
    if (cursor_ >= last) break;
    ++cursor_;
    if (cursor_ % kSpan == 0) open_far_group(cursor_ / kSpan);
    std::vector<Timer>& slot = wheel_[static_cast<std::size_t>(cursor_) % kSlots];
    if (!slot.empty()) {
      in_wheel_ -= slot.size();
      current_.swap(slot);
      fresh_ = true;
      slot.clear();
      std::make_heap(current_.begin(), current_.end(), later);
    }
  }
}

// The wheel reaches exactly the group that begins at the cursor.
void Timers::open_far_group(std::int64_t number) {
  const auto group = far_.find(number);
  if (group == far_.end()) return;
  for (const Timer& timer : group->second) {
    wheel_[static_cast<std::size_t>(slot_of(timer.due_us)) % kSlots].push_back(timer);
    ++in_wheel_;
  }
  far_.erase(group);
}

bool Timers::due(std::int64_t horizon_us) {
  if (size_ == 0) return false;
  if (current_.empty()) refill_current(horizon_us);
  return !current_.empty() && current_.front().due_us <= horizon_us;
}

std::optional<Timer> Timers::take(std::int64_t horizon_us) {
  if (!due(horizon_us)) return std::nullopt;
  std::pop_heap(current_.begin(), current_.end(), later);
  const Timer timer = current_.back();
  current_.pop_back();
  --size_;
  return timer;
}

void Timers::clear() {
  for (std::vector<Timer>& slot : wheel_) slot.clear();
  current_.clear();
  far_.clear();
  in_wheel_ = size_ = 0;
  started_ = false;
}

}  // namespace proactive::daemon
