// An episode: one continuous violation of one rule for one entity, as a state machine over event time.
//
//   ok --true--> pending --true for `for`--> firing --false--> recovering --false for keep_firing_for--> ok (resolved)
//
// Unknown never fires and never resolves: in pending and recovering the clock pauses; pending ends after
// max(3 `for`, 1 h) of unknown; firing and recovering end as `stale` after 48 h of it (rules.md 4).
#pragma once

#include <cstdint>
#include <optional>

#include "rules/engine/condition.h"
#include "rules/engine/rule.h"

namespace proactive::rules {

enum class EpisodeState : std::uint8_t { ok = 0, pending = 1, firing = 2, recovering = 3 };

// What one step did. `fired`: pending or ok to firing. `resumed`: recovering to firing, the same episode.
enum class EpisodeChange : std::uint8_t {
  none,
  pending,
  abandoned,
  fired,
  recovering,
  resumed,
  resolved,
  stale
};

// Fixed-width, no padding: this is the payload of the episode's state record. Times are microseconds of event time.
struct Episode {
  EpisodeState state = EpisodeState::ok;
  Truth last_truth = Truth::unknown;  // of the last step, after no_data
  std::uint16_t latched = 0;          // see Verdict
  std::uint32_t flaps = 0;            // recovering -> firing in this episode
  std::int64_t start_us = 0;          // t0: when it left ok; kept in ok, for the change that ends it
  std::int64_t since_us = 0;          // when the present state began
  std::int64_t last_step_us = 0;      // event time of the last step
  std::int64_t clock_us = 0;          // unpaused time in pending or recovering
  std::int64_t unknown_us = 0;        // how long it has been unknown without a break
};
static_assert(sizeof(Episode) == 48);

// Steps the episode to `at` under `truth` (which holds from `at` on; the time since the last step belongs to the last
// truth). The rule's no_data is applied here. REQUIRES: at >= last step. Latches are the caller's to copy from the
// verdict.
//
// A step makes at most one change. For changes at the very deadline, step with last_truth at episode_deadline(); an
// evaluation due at the same instant goes first, since it may say that the condition no longer holds. Who only steps at
// evaluations, as rules do that look at closed buckets, gets the change at the first evaluation that still agrees: a
// condition that has ended by then does not fire. Steps that repeat the last truth alter nothing but last_step_us.
[[nodiscard]] EpisodeChange advance_episode(Episode& episode, const Rule& rule, Truth truth, Timestamp at);

// When `for`, `keep_firing_for` or a staleness limit runs out if nothing else happens; nullopt in ok, and in firing
// unless unknown.
[[nodiscard]] std::optional<Timestamp> episode_deadline(const Episode& episode, const Rule& rule);

}  // namespace proactive::rules
