// Every metric of the daemon: name, kind, labels and a sentence. The one list: /metrics and docs/metrics.md
// follow it.
//
// No label holds a customer, an entity, an offset or free text: only closed enums, rules, topics, lanes and
// assigned partitions. Known combinations start at 0, else rate() would miss the first event. Effects
// (episodes, decisions, outreach) are counted when they are committed; work (records, bytes) includes what an
// abort repeats.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace proactive::daemon {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

struct MetricDefinition {
  std::string_view name;  // without "proactived_", but for process_*
  MetricKind kind;
  std::array<std::string_view, 4> labels;  // names; empty ones are none
  std::string_view help;
};

inline constexpr auto kCounter = MetricKind::counter;
inline constexpr auto kGauge = MetricKind::gauge;
inline constexpr auto kHistogram = MetricKind::histogram;

inline constexpr auto kMetrics = std::to_array<MetricDefinition>({
    // ---- input
    // ------------------------------------------------------------------------------------------------------
    {"kafka_records_total", kCounter, {"topic"}, "Records read from an input topic."},
    {"kafka_bytes_total", kCounter, {"topic"}, "Bytes of keys and values read from an input topic."},
    {"kafka_stale_records_total",
     kCounter,
     {},
     "Records dropped because they came before the expected offset."},
    {"kafka_input_gap_records_total", kCounter, {}, "Records that had expired before they were read."},
    {"kafka_misplaced_customers_total",
     kCounter,
     {},
     "Customers found in a partition that their key does not hash to."},
    {"kafka_lag_records",
     kGauge,
     {"topic", "partition"},
     "Records between the next one to read and the last stable offset."},
    {"kafka_watermark_lag_seconds",
     kGauge,
     {"partition"},
     "How far the event-time watermark is behind the wall clock."},
    {"kafka_source_silent", kGauge, {}, "1 while no partition of this process receives telemetry."},
    {"telemetry_records_total", kCounter, {"result"}, "Telemetry records by what became of them."},
    {"profile_records_total", kCounter, {"result"}, "Profile records by what became of them."},
    {"dlq_records_total",
     kCounter,
     {"stage", "code"},
     "Records sent to the dead letter topic, by stage and code."},
    {"late_total", kCounter, {}, "Events older than the watermark allows; not applied."},
    {"duplicates_total", kCounter, {}, "Events whose id was seen already; not applied."},
    {"clock_ahead_total",
     kCounter,
     {},
     "Events whose time was more than 5 minutes ahead of the clock: dead letters."},
    {"cumulative_resets_total", kCounter, {}, "Times a cumulative counter fell back."},
    // ---- scoring
    // ----------------------------------------------------------------------------------------------------
    {"buckets_closed_total", kCounter, {}, "Event-time buckets closed."},
    {"scores_total", kCounter, {}, "Scores given by models."},
    {"rule_evaluations_total", kCounter, {}, "Evaluations of rules."},
    {"tick_full_total",
     kCounter,
     {},
     "Ticks that ran as many timers as one may and left the rest to the next."},
    {"rules", kGauge, {"mode"}, "Rules in use, by rollout."},
    {"episodes", kGauge, {}, "Episodes held: pending, firing and recovering."},
    {"episodes_opened_total", kCounter, {"rule"}, "Episodes that fired."},
    // ---- outreach
    // ---------------------------------------------------------------------------------------------------
    {"outreach_decisions_total",
     kCounter,
     {"rule", "action", "reason"},
     "Decisions by rule, action and reason."},
    {"outreach_releases_total", kCounter, {"rule", "status"}, "Outreach events written, by rule and status."},
    {"outreach_latency_seconds",
     kHistogram,
     {},
     "From the append of the event that made an outreach due to its commit."},
    {"render_failed_total",
     kCounter,
     {},
     "Messages that could not be rendered; their outreach was not sent."},
    {"oversized_outputs_total",
     kCounter,
     {},
     "Outputs too large: beyond 1 MB they are dead-lettered, an event beyond 64 KiB is not written."},
    // ---- transactions
    // -----------------------------------------------------------------------------------------------
    {"kafka_commits_total", kCounter, {"trigger"}, "Transactions committed, by what made them due."},
    {"kafka_aborts_total", kCounter, {"cause"}, "Transactions aborted, by cause."},
    {"kafka_producer_rebuilds_total",
     kCounter,
     {"outcome"},
     "Partitions whose transaction had an unknown outcome, by what it turned out to be."},
    {"kafka_commit_seconds", kHistogram, {}, "How long a commit held its lane."},
    {"kafka_transaction_records_total", kCounter, {}, "Input records covered by transactions."},
    {"kafka_rebalances_total", kCounter, {}, "Assignments received."},
    {"kafka_partitions", kGauge, {"state"}, "Partitions of this process by state."},
    // ---- restore
    // ----------------------------------------------------------------------------------------------------
    {"restore_records_total", kCounter, {}, "Changelog records loaded."},
    {"restore_seconds", kHistogram, {}, "How long the restore of one partition took."},
    {"restores_refused_total", kCounter, {}, "Partitions refused because state and input do not fit."},
    {"restore_progress_ratio",
     kGauge,
     {},
     "Share of the changelog loaded by the slowest restoring partition; 1 when none restores."},
    {"restore_eta_seconds",
     kGauge,
     {},
     "Time until no partition is restoring, as it goes now in the slowest lane; absent until that is known, "
     "0 when none "
     "restores."},
    {"restore_waiting_open_txn", kGauge, {}, "1 while a restore waits for a predecessor's open transaction."},
    {"restore_warm_held_total", kCounter, {}, "Partitions whose state was held when the group took them."},
    {"restore_warm_ended_total",
     kCounter,
     {"outcome"},
     "Held states by what became of them: reused, or why they were dropped."},
    {"restore_warm_partitions",
     kGauge,
     {},
     "Partitions whose state is held though the group has taken them."},
    // ---- state
    // ------------------------------------------------------------------------------------------------------
    {"state_keys", kGauge, {"kind"}, "State records held in memory, by kind."},
    {"state_bytes", kGauge, {}, "Bytes of state of the partitions that run."},
    {"state_warm_bytes", kGauge, {}, "Bytes of state held of partitions that the group has taken."},
    {"state_undo_bytes", kGauge, {}, "Bytes of pre-images that open transactions could restore."},
    {"state_rejected_keys_total", kCounter, {"kind"}, "New keys refused at a limit, by kind."},
    {"state_params_reset_total",
     kCounter,
     {},
     "State blocks started cold because their parameters changed or they were damaged."},
    {"replayed_records_total",
     kCounter,
     {},
     "Telemetry that a restore read again to learn what the changelog did not hold yet."},
    {"replay_differs_total",
     kCounter,
     {},
     "Replays that ended at another event time than was committed: rules or lateness were changed before the "
     "restart."},
    {"checkpoint_full_total",
     kCounter,
     {},
     "Commits that wrote all learnt state because a restore would have had too much to replay."},
    {"state_expired_total", kCounter, {}, "State records erased after their time to live."},
    {"state_changelog_records_total", kCounter, {}, "Records written to the changelog."},
    {"state_changelog_bytes_total", kCounter, {}, "Bytes written to the changelog."},
    // ---- process
    // ----------------------------------------------------------------------------------------------------
    {"lane_heartbeat_age_seconds", kGauge, {"lane"}, "Time since a lane last showed progress."},
    {"lane_stalled", kGauge, {"lane"}, "1 while the watchdog takes a lane for stalled."},
    {"lane_busy_seconds_total", kCounter, {"lane"}, "Time a lane spent on anything but waiting for records."},
    {"config_last_reload_successful",
     kGauge,
     {},
     "1 when the last load of configuration and rules was good."},
    {"config_last_reload_success_timestamp_seconds",
     kGauge,
     {},
     "When configuration and rules were last loaded well."},
    {"config_reloads_total", kCounter, {"outcome"}, "Reloads by outcome."},
    {"config_info", kGauge, {"rules_hash"}, "The rule set in use; always 1."},
    {"build_info",
     kGauge,
     {"version", "revision", "compiler", "librdkafka"},
     "What this binary is; always 1."},
    {"http_requests_total", kCounter, {"endpoint", "code"}, "HTTP requests by endpoint and status."},
    {"http_request_seconds", kHistogram, {"endpoint"}, "How long HTTP requests took."},
    {"log_dropped_total", kCounter, {"level"}, "Log lines swallowed by the rate limit."},
    {"process_cpu_seconds_total", kCounter, {}, "User and system CPU time spent."},
    {"process_open_fds", kGauge, {}, "Open file descriptors."},
    {"process_max_fds", kGauge, {}, "Limit of open file descriptors."},
    {"process_virtual_memory_bytes", kGauge, {}, "Virtual memory size."},
    {"process_resident_memory_bytes", kGauge, {}, "Resident memory size."},
    {"process_start_time_seconds", kGauge, {}, "When the process started, in seconds since the epoch."},
});

[[nodiscard]] inline std::string full_name(const MetricDefinition& metric) {
  const bool standard = metric.name.substr(0, 8) == "process_";
  return (standard ? "" : "proactived_") + std::string(metric.name);
}

[[nodiscard]] inline std::size_t label_count(const MetricDefinition& metric) {
  std::size_t count = 0;
  while (count < metric.labels.size() && !metric.labels[count].empty()) ++count;
  return count;
}

// docs/metrics.md.
[[nodiscard]] std::string render_metrics_page();

}  // namespace proactive::daemon
