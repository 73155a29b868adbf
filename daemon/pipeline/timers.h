// Due times of entities, run in (due, order) order. Entries are hints: the truth is the entity's state, which the
// caller asks again when a hint comes up, so that stale and double entries are harmless.
//
// Owner: one Pipeline. Clock: none. Cost: O(1) to add, O(log n) within one second's entries to take. Timers lie in chunks
// that are used again, so that nothing is allocated once there are enough of them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace proactive::daemon {

struct Timer {
  std::int64_t due_us;
  std::uint64_t order;       // canonical: equal after a restore, whatever the order of loading
  std::uint32_t entity;      // slot of the entity
  std::uint32_t generation;  // of that slot, so that a reused slot does not answer to an old hint
};

class Timers {
 public:
  Timers();
  void add(const Timer& timer);
  // Whether a timer waits at or before the horizon.
  [[nodiscard]] bool due(std::int64_t horizon_us);
  // Takes the first timer at or before the horizon.
  [[nodiscard]] std::optional<Timer> take(std::int64_t horizon_us);
  // The timers that came near since the last call, in no order: what will be taken next.
  [[nodiscard]] std::span<const Timer> fresh() {
    return std::exchange(fresh_, false) ? std::span<const Timer>(current_) : std::span<const Timer>();
  }
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::int64_t kSlotUs = 1'000'000;
  static constexpr std::size_t kSlots = 4096;  // seconds that are reached directly; later ones wait in far_

  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Chunk {
    std::array<Timer, 10> timers;
    std::uint32_t count;
    std::uint32_t next;  // full ones; kNone: the last
  };
  using List = std::uint32_t;  // its first chunk

  void append(List& list, const Timer& timer);
  // Calls `visit` with each timer and gives the chunks back.
  template <class Visit>
  void drain(List& list, Visit&& visit);
  void refill_current(std::int64_t horizon_us);
  void open_far_group(std::int64_t number);
  [[nodiscard]] static std::int64_t slot_of(std::int64_t us);

  std::vector<Chunk> chunks_;
  List free_ = kNone;
  std::vector<List> wheel_;
  std::int64_t cursor_;  // slot number whose timers are in current_
  bool started_ = false;
  bool fresh_ = false;                // a slot was opened since fresh()
  std::vector<Timer> current_;        // heap: timers of slots <= cursor_
  std::map<std::int64_t, List> far_;  // slot number / kSlots -> timers that the wheel does not reach yet
  std::size_t in_wheel_ = 0;
  std::size_t size_ = 0;
};

}  // namespace proactive::daemon
