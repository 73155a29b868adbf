#include "daemon/pipeline/timers.h"

#include <algorithm>

#include "models/base/time.h"

namespace proactive::daemon {
namespace {

// For std heaps, which put the greatest first.
bool later(const Timer& a, const Timer& b) {
  if (a.due_us != b.due_us) return a.due_us > b.due_us;
  return a.order > b.order;
}

}  // namespace

Timers::Timers() : wheel_(kSlots, kNone), cursor_(0) {}

void Timers::append(List& list, const Timer& timer) {
  if (list == kNone || chunks_[list].count == chunks_[list].timers.size()) {
    List fresh = free_;
    if (fresh == kNone) {
      fresh = static_cast<List>(chunks_.size());
      chunks_.emplace_back();
    } else {
      free_ = chunks_[fresh].next;
    }
    chunks_[fresh].count = 0;
    chunks_[fresh].next = list;
    list = fresh;
  }
  Chunk& chunk = chunks_[list];
  chunk.timers[chunk.count++] = timer;
}

template <class Visit>
void Timers::drain(List& list, Visit&& visit) {
  for (List at = std::exchange(list, kNone); at != kNone;) {
    const Chunk chunk = chunks_[at];  // a copy: visit() may append
    if (chunk.next != kNone) __builtin_prefetch(&chunks_[chunk.next]);
    chunks_[at].next = free_;
    free_ = at;
    for (std::uint32_t i = 0; i < chunk.count; ++i) visit(chunk.timers[i]);
    at = chunk.next;
  }
}

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
    append(wheel_[static_cast<std::size_t>(slot) % kSlots], timer);
    ++in_wheel_;
  } else {
    append(far_.try_emplace(floor_div(slot, static_cast<std::int64_t>(kSlots)), kNone).first->second, timer);
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
    List& slot = wheel_[static_cast<std::size_t>(cursor_) % kSlots];
    if (slot != kNone) {
      drain(slot, [this](const Timer& timer) { current_.push_back(timer); });
      in_wheel_ -= current_.size();
      fresh_ = true;
      std::make_heap(current_.begin(), current_.end(), later);
    }
  }
}

// The wheel reaches exactly the group that begins at the cursor.
void Timers::open_far_group(std::int64_t number) {
  const auto group = far_.find(number);
  if (group == far_.end()) return;
  drain(group->second, [this](const Timer& timer) {
    append(wheel_[static_cast<std::size_t>(slot_of(timer.due_us)) % kSlots], timer);
    ++in_wheel_;
  });
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
  std::fill(wheel_.begin(), wheel_.end(), kNone);
  chunks_.clear();
  free_ = kNone;
  current_.clear();
  far_.clear();
  in_wheel_ = size_ = 0;
  started_ = false;
}

}  // namespace proactive::daemon
