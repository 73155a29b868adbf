// How other threads reach a lane: new rules and the order to stop. The lane looks at it once per turn of its loop.
//
// Writers: main. Reader: one lane. Lock: a mutex held for the copy of a pointer; an atomic flag keeps the lane off it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "rules/engine/rule.h"

namespace proactive::daemon {

class LaneInbox {
 public:
  // ---- any thread ----
  // The lane swaps at its next commit boundary; of two sets sent quickly only the newer is taken. Returns the number
  // that acknowledged() reaches once the set is in use.
  // `outreach_enabled`: the kill switch; nullopt: as it was.
  std::uint64_t new_rules(std::shared_ptr<const rules::RuleSet> rules,
                          std::optional<bool> outreach_enabled = std::nullopt);
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_.load(std::memory_order_acquire); }
  // A final commit, then the end. Cannot be taken back.
  void drain() { drain_.store(true, std::memory_order_release); }

  // ---- the lane ----
  struct Rules {
    std::shared_ptr<const rules::RuleSet> rules;  // null: nothing new
    std::optional<bool> outreach_enabled{};
    std::uint64_t number = 0;
  };
  [[nodiscard]] Rules take_rules();
  void acknowledge(std::uint64_t number) { acknowledged_.store(number, std::memory_order_release); }
  [[nodiscard]] bool draining() const { return drain_.load(std::memory_order_acquire); }

 private:
  std::mutex mutex_;
  Rules waiting_;           // under mutex_
  std::uint64_t sent_ = 0;  // under mutex_
  std::atomic<bool> has_rules_{false};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<bool> drain_{false};
};

}  // namespace proactive::daemon
