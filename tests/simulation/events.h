// What happened in a schedule: counts by kind, a readable trace, and the promises that were broken.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/time.h"

namespace proactive::simulation {

// Each must happen within 1,000 seeds: a simulation that never reaches something proves nothing about it.
enum class Event : std::uint8_t {
  crash,
  crash_in_commit,      // between the offsets and the marker, or after the decision
  freeze,               // a lane stands in the middle of a port call while the others turn
  zombie,               // it goes on after the group has given its partitions away
  twin_started,         // a second process of the same name while the first one still lives
  twin_left,            // one of two gave up
  rebalance,            // a new generation
  revoked,              // partitions given up in good order
  lost,                 // partitions gone without a chance to commit
  member_fenced,        // a static member was replaced
  producer_fenced,      // an older epoch was refused
  stale_generation,     // offsets of an older generation were refused
  abort,                // a transaction was aborted
  transaction_timeout,  // by the broker
  lost_reply,           // committed, but the lane was not told
  lost_request,         // asked to commit, but the broker was not told
  late_request,         // the broker was told when the lane had given up waiting
  no_producer,          // the producer could not be made anew at once
  write_failed,
  assign_failed,
  release_failed,
  committed_failed,
  bounds_failed,
  changelog_failed,
  waited_for_offsets,    // committed() waited for a marker
  waited_for_changelog,  // a restore stood at the last stable offset
  replayed,              // records that a restore read again
  late_markers,          // offsets and records of one transaction became visible at different times
  compaction,
  input_aborted,  // input records that nobody may see
  input_control,  // control records among the input
  outcome_committed,
  outcome_rolled_back,
  outcome_foreign,
  drained,
  stopped_in_order,  // all lanes, with nothing left to write
  reloaded,
  rules_changed,
  stopped_partition,
  dead_letters,
  idle_commit,  // time alone moved the state
  offsets_expired,
  broker_lost,                // all calls of all lanes fail for a while
  broker_lost_in_commit,      // a commit was asked for and not answered until the lane gave up
  offsets_unanswered,         // offsets were sent, and maybe taken
  late_offsets_fenced,        // offsets of a transaction that is over came when the producer was another
  records_of_old_generation,  // read after the group has given the partitions away
  generation_missed,          // a generation that a member never heard of
  incomplete,                 // a partition without all of its topics
  retention,                  // telemetry behind the committed offsets is deleted
  offsets_expired_partly,
  offsets_expired_midway,  // with input unread and transactions just decided
  kill_switch,             // outreach is turned off or on
  accepted_empty_state,
  accepted_reset_back,  // records are read once more
  accepted_reset_on,    // records are never read
  skipped_lost_input,   // likewise
  skipped_lost_input_live,
  commit_records,  // a transaction is full
  commit_bytes,
  commit_undo,
  outreach_opened,
  outreach_updated,
  outreach_resolved,
  outreach_cancelled,
  late,
  duplicate,
  stale_profile,
  state_expired,
  timers_full,  // more timers are due than one tick runs
  // state of a partition that the group took from its lane
  warm_held,
  warm_reused,     // the partition came back, and nobody had committed it
  warm_overtaken,  // dropped because somebody else had
  warm_expired,
  warm_memory,
  warm_rules,
  output_refused,      // by the brokers, as often as it is written
  output_replaced,     // by a dead letter
  stopped_by_refusal,  // of a changelog record
  // refused, as it must be
  refused_changelog_lost,
  refused_offsets_differ,
  refused_input_lost,
  refused_input_lost_live,  // deleted under a lane that reads
  refused_input_recreated,
  refused_input_recreated_live,
  refused_state_unreadable,
  refused_foreign_group,
  refused_partition_count,
};
inline constexpr std::size_t kEvents = 88;
[[nodiscard]] std::string_view to_string(Event event);

class Events {
 public:
  void add(Event event, std::uint64_t times = 1) { counts_[static_cast<std::size_t>(event)] += times; }
  void add(const Events& other) {
    for (std::size_t i = 0; i < kEvents; ++i) counts_[i] += other.counts_[i];
  }
  [[nodiscard]] std::uint64_t count(Event event) const { return counts_[static_cast<std::size_t>(event)]; }

 private:
  std::array<std::uint64_t, kEvents> counts_{};
};

// Lines are written at once, so that they are there when a check ends the process.
class Trace {
 public:
  explicit Trace(bool on) : on_(on) {}
  [[nodiscard]] bool on() const { return on_; }
  void line(Duration at, std::string_view who, std::string_view what) const;

 private:
  bool on_;
};

}  // namespace proactive::simulation
