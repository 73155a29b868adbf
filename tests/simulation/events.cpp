#include "tests/simulation/events.h"

#include <cstdio>

#include <fmt/format.h>

namespace proactive::simulation {

std::string_view to_string(Event event) {
  static constexpr std::array<std::string_view, kEvents> kNames{"crash",
                                                                "crash_in_commit",
                                                                "freeze",
                                                                "zombie",
                                                                "twin_started",
                                                                "twin_left",
                                                                "rebalance",
                                                                "revoked",
                                                                "lost",
                                                                "member_fenced",
                                                                "producer_fenced",
                                                                "stale_generation",
                                                                "abort",
                                                                "transaction_timeout",
                                                                "lost_reply",
                                                                "lost_request",
                                                                "late_request",
                                                                "no_producer",
                                                                "write_failed",
                                                                "assign_failed",
                                                                "release_failed",
                                                                "committed_failed",
                                                                "bounds_failed",
                                                                "changelog_failed",
                                                                "waited_for_offsets",
                                                                "waited_for_changelog",
                                                                "replayed",
                                                                "late_markers",
                                                                "compaction",
                                                                "input_aborted",
                                                                "input_control",
                                                                "outcome_committed",
                                                                "outcome_rolled_back",
                                                                "outcome_foreign",
                                                                "drained",
                                                                "stopped_in_order",
                                                                "reloaded",
                                                                "rules_changed",
                                                                "stopped_partition",
                                                                "dead_letters",
                                                                "idle_commit",
                                                                "offsets_expired",
                                                                "broker_lost",
                                                                "broker_lost_in_commit",
                                                                "offsets_unanswered",
                                                                "late_offsets_fenced",
                                                                "records_of_old_generation",
                                                                "generation_missed",
                                                                "incomplete",
                                                                "retention",
                                                                "offsets_expired_partly",
                                                                "offsets_expired_midway",
                                                                "kill_switch",
                                                                "accepted_empty_state",
                                                                "accepted_reset_back",
                                                                "accepted_reset_on",
                                                                "skipped_lost_input",
                                                                "skipped_lost_input_live",
                                                                "commit_records",
                                                                "commit_bytes",
                                                                "commit_undo",
                                                                "outreach_opened",
                                                                "outreach_updated",
                                                                "outreach_resolved",
                                                                "outreach_cancelled",
                                                                "late",
                                                                "duplicate",
                                                                "stale_profile",
                                                                "state_expired",
                                                                "timers_full",
                                                                "output_refused",
                                                                "output_replaced",
                                                                "stopped_by_refusal",
                                                                "refused_changelog_lost",
                                                                "refused_offsets_differ",
                                                                "refused_input_lost",
                                                                "refused_input_lost_live",
                                                                "refused_input_recreated",
                                                                "refused_input_recreated_live",
                                                                "refused_state_unreadable",
                                                                "refused_foreign_group",
                                                                "refused_partition_count"};
  return kNames[static_cast<std::size_t>(event)];
}

void Trace::line(Duration at, std::string_view who, std::string_view what) const {
  if (!on_) return;
  fmt::print("{:10.3f}  {:<9} {}\n", static_cast<double>(at.count()) / 1e6, who, what);
  std::fflush(stdout);
}

}  // namespace proactive::simulation
