#include "daemon/http/lane_metrics_source.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "daemon/codec/decode.h"
#include "daemon/outreach/decision.h"

namespace proactive::daemon {
namespace {

using Statuses = std::vector<std::shared_ptr<const LaneStatus>>;

template <class Get>
std::uint64_t sum_blocks(const LaneMetricsView& view, Get get) {
  std::uint64_t sum = 0;
  for (const LaneMetrics* lane : view.lanes) sum += get(*lane).get();
  return sum;
}

template <class Get>
std::uint64_t sum_work(const Statuses& statuses, Get get) {
  std::uint64_t sum = 0;
  for (const auto& status : statuses) sum += get(status->work);
  return sum;
}

template <class Get>
void put_histogram(MetricsPage& page, std::string_view name, const LaneMetricsView& view, Get get) {
  std::array<std::uint64_t, DurationHistogram::kBounds.size() + 1> buckets{};
  double sum = 0;
  for (const LaneMetrics* lane : view.lanes) {
    const DurationHistogram& histogram = get(*lane);
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
    sum += histogram.sum_seconds();
  }
  page.histogram(name, {}, DurationHistogram::kBounds, buckets, sum);
}

void put_input(MetricsPage& page, const LaneMetricsView& view) {
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    if (view.topics[stream].empty()) continue;
    page.set("kafka_records_total", {view.topics[stream]},
             sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.records[stream]; }));
    page.set("kafka_bytes_total", {view.topics[stream]},
             sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.record_bytes[stream]; }));
  }
  const auto put = [&](std::string_view name, Count LaneMetrics::*count) {
    page.set(name, sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.*count; }));
  };
  put("kafka_stale_records_total", &LaneMetrics::stale_records);
  put("kafka_input_gap_records_total", &LaneMetrics::input_gap_records);
  put("kafka_misplaced_customers_total", &LaneMetrics::misplaced_customers);
}

void put_transactions(MetricsPage& page, const LaneMetricsView& view) {
  for (std::size_t i = 0; i < kCommitTriggers; ++i) {
    page.set("kafka_commits_total", {to_string(static_cast<CommitTrigger>(i))},
             sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.commits[i]; }));
  }
  for (std::size_t i = 0; i < kAbortCauses; ++i) {
    page.set("kafka_aborts_total", {to_string(static_cast<AbortCause>(i))},
             sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.aborts[i]; }));
  }
  for (std::size_t i = 0; i < kRebuildOutcomes; ++i) {
    page.set("kafka_producer_rebuilds_total", {to_string(static_cast<RebuildOutcome>(i))},
             sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.rebuilds[i]; }));
  }
  const auto put = [&](std::string_view name, Count LaneMetrics::*count) {
    page.set(name, sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.*count; }));
  };
  put("kafka_rebalances_total", &LaneMetrics::rebalances);
  put("kafka_transaction_records_total", &LaneMetrics::transaction_records);
  put("state_changelog_records_total", &LaneMetrics::changelog_records);
  put("state_changelog_bytes_total", &LaneMetrics::changelog_bytes);
  put("state_undo_bytes", &LaneMetrics::undo_bytes);
  put("state_bytes", &LaneMetrics::state_bytes);
  put("restore_records_total", &LaneMetrics::restore_records);
  put("restore_waiting_open_txn", &LaneMetrics::restore_waiting_open_txn);
  put("restores_refused_total", &LaneMetrics::restores_refused);
  put("restore_warm_held_total", &LaneMetrics::warm_held);
  put("restore_warm_partitions", &LaneMetrics::warm_partitions);
  put("state_warm_bytes", &LaneMetrics::warm_bytes);
  for (std::size_t i = 0; i < kWarmEnds; ++i) {
    page.set("restore_warm_ended_total", {to_string(static_cast<WarmEnd>(i))},
             sum_blocks(view, [&](const LaneMetrics& m) -> const Count& { return m.warm_ended[i]; }));
  }
  put_histogram(page, "kafka_commit_seconds", view,
                [](const LaneMetrics& m) -> const DurationHistogram& { return m.commit_seconds; });
  put_histogram(page, "restore_seconds", view,
                [](const LaneMetrics& m) -> const DurationHistogram& { return m.restore_seconds; });
  put_histogram(page, "outreach_latency_seconds", view,
                [](const LaneMetrics& m) -> const DurationHistogram& { return m.outreach_latency_seconds; });
}

void put_partitions(MetricsPage& page, const LaneMetricsView& view, const Statuses& statuses) {
  std::array<std::uint64_t, kPartitionStates> by_state{};
  double progress = 1;
  Duration eta = Duration::zero();
  bool eta_known = true, silent = false;
  for (const auto& status : statuses) {
    eta_known = eta_known && status->restore_eta.has_value();
    eta = std::max(eta, status->restore_eta.value_or(Duration::zero()));
    silent = silent || status->source_silent;
    for (const PartitionStatus& partition : status->partitions) {
      ++by_state[static_cast<std::size_t>(partition.state)];
      if (partition.state == PartitionState::restoring)
        progress = std::min(progress, partition.restore_progress);
      const std::string number = std::to_string(partition.partition);
      for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
        if (view.topics[stream].empty() || partition.lag[stream] < 0) continue;
        page.set("kafka_lag_records", {view.topics[stream], number},
                 static_cast<double>(partition.lag[stream]));
      }
      if (partition.watermark != kNever && status->at != kNever) {
        const std::chrono::duration<double> behind = status->at - partition.watermark;
        page.set("kafka_watermark_lag_seconds", {number}, behind.count());
      }
    }
  }
  for (std::size_t i = 0; i < kPartitionStates; ++i) {
    page.set("kafka_partitions", {to_string(static_cast<PartitionState>(i))}, by_state[i]);
  }
  page.set("restore_progress_ratio", progress);
  if (eta_known) page.set("restore_eta_seconds", std::chrono::duration<double>(eta).count());
  page.set("kafka_source_silent", silent ? 1.0 : 0.0);
}

void put_work(MetricsPage& page, const LaneMetricsView& view, const Statuses& statuses) {
  const auto total = [&](std::uint64_t PipelineCounts::*count) {
    return sum_work(statuses, [&](const PipelineCounts& work) { return work.*count; });
  };
  page.set("telemetry_records_total", {"used"}, total(&PipelineCounts::telemetry));
  page.set("telemetry_records_total", {"unused_signal"}, total(&PipelineCounts::unused_signals));
  page.set("telemetry_records_total", {"unmatched"}, total(&PipelineCounts::unmatched));
  page.set("telemetry_records_total", {"out_of_range"}, total(&PipelineCounts::out_of_range));
  page.set("profile_records_total", {"used"}, total(&PipelineCounts::profiles));
  page.set("profile_records_total", {"stale"}, total(&PipelineCounts::stale_profiles));
  page.set("late_total", total(&PipelineCounts::late));
  page.set("duplicates_total", total(&PipelineCounts::duplicates));
  page.set("clock_ahead_total", total(&PipelineCounts::clock_ahead));
  page.set("cumulative_resets_total", total(&PipelineCounts::counter_resets));
  page.set("buckets_closed_total", total(&PipelineCounts::buckets_closed));
  page.set("scores_total", total(&PipelineCounts::scores));
  page.set("rule_evaluations_total", total(&PipelineCounts::evaluations));
  page.set("tick_full_total", total(&PipelineCounts::tick_full));
  page.set("oversized_outputs_total",
           total(&PipelineCounts::output_too_large) +
               sum_blocks(view, [](const LaneMetrics& m) -> const Count& { return m.oversized_outputs; }));
  page.set("render_failed_total", total(&PipelineCounts::render_failed));
  page.set("state_rejected_keys_total", {"entity"}, total(&PipelineCounts::refused_entities));
  page.set("state_rejected_keys_total", {"series"}, total(&PipelineCounts::refused_series));
  page.set("state_rejected_keys_total", {"episode"}, total(&PipelineCounts::refused_episodes));
  page.set("state_rejected_keys_total", {"memory"}, total(&PipelineCounts::refused_full));
  page.set("state_params_reset_total", total(&PipelineCounts::blocks_reset));
  page.set("state_expired_total", total(&PipelineCounts::expired));
  page.set("replayed_records_total", total(&PipelineCounts::replayed));
  page.set("replay_differs_total", total(&PipelineCounts::replay_differs));
  page.set("checkpoint_full_total", total(&PipelineCounts::checkpoint_full));
  page.set("state_keys", {"customer"}, total(&PipelineCounts::customers));
  page.set("state_keys", {"entity"}, total(&PipelineCounts::entities));
  page.set("state_keys", {"series"}, total(&PipelineCounts::series));
  page.set("state_keys", {"orphan"}, total(&PipelineCounts::orphans));
  page.set("episodes", total(&PipelineCounts::episodes));
}

void put_dead_letters(MetricsPage& page, const Statuses& statuses) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (std::size_t code = 0; code < kDecodeCodes; ++code) {
    counts[{"decode", std::string(to_string(static_cast<DecodeCode>(code)))}] = 0;
  }
  for (const auto& status : statuses) {
    for (const DeadLetterCount& letter : status->dead_letters)
      counts[{letter.stage, letter.code}] += letter.count;
  }
  for (const auto& [key, count] : counts) page.set("dlq_records_total", {key.first, key.second}, count);
}

// Each reason belongs to one action; those pairs exist from the start, others once they happen.
bool is_usual(Action action, Reason reason) {
  switch (reason) {
    case Reason::released:
    case Reason::recovered:
    case Reason::no_data:
    case Reason::rule_removed:
    case Reason::erased:
      return action == Action::send;
    case Reason::shadow:
      return action == Action::shadow;
    case Reason::paused:
    case Reason::no_outreach:
    case Reason::cooldown:
    case Reason::not_news:
    case Reason::nothing_open:
    case Reason::render_failed:
      return action == Action::suppress;
  }
  return false;
}

// Every rule of the set in use from the start; a removed rule's series go with it.
void put_rules(MetricsPage& page, const Statuses& statuses, const rules::RuleSet& set) {
  std::map<std::string_view, EffectCounts::PerRule> sums;
  std::array<std::uint64_t, 2> modes{};
  for (const rules::Rule& rule : set.rules) {
    sums[rule.name];
    ++modes[rule.rollout == rules::Rollout::live ? 1 : 0];
  }
  for (const auto& status : statuses) {
    if (status->effects == nullptr) continue;
    for (const RuleEffects& effects : *status->effects) {
      const auto found = sums.find(effects.rule);
      if (found == sums.end()) continue;
      EffectCounts::PerRule& sum = found->second;
      sum.opened += effects.counts.opened;
      sum.outreach_opened += effects.counts.outreach_opened;
      sum.outreach_updated += effects.counts.outreach_updated;
      sum.outreach_resolved += effects.counts.outreach_resolved;
      sum.outreach_cancelled += effects.counts.outreach_cancelled;
      for (std::size_t action = 0; action < kActions; ++action) {
        for (std::size_t reason = 0; reason < kReasons; ++reason) {
          sum.decisions[action][reason] += effects.counts.decisions[action][reason];
        }
      }
    }
  }
  page.set("rules", {"shadow"}, modes[0]);
  page.set("rules", {"live"}, modes[1]);
  for (const auto& [name, sum] : sums) {
    page.set("episodes_opened_total", {name}, sum.opened);
    page.set("outreach_releases_total", {name, "opened"}, sum.outreach_opened);
    page.set("outreach_releases_total", {name, "updated"}, sum.outreach_updated);
    page.set("outreach_releases_total", {name, "resolved"}, sum.outreach_resolved);
    page.set("outreach_releases_total", {name, "cancelled"}, sum.outreach_cancelled);
    for (std::size_t action = 0; action < kActions; ++action) {
      for (std::size_t reason = 0; reason < kReasons; ++reason) {
        const bool usual = is_usual(static_cast<Action>(action), static_cast<Reason>(reason));
        if (!usual && sum.decisions[action][reason] == 0) continue;
        page.set("outreach_decisions_total",
                 {name, to_string(static_cast<Action>(action)), to_string(static_cast<Reason>(reason))},
                 sum.decisions[action][reason]);
      }
    }
  }
}

void put_lanes(MetricsPage& page, const LaneMetricsView& view) {
  for (std::size_t lane = 0; lane < view.lanes.size(); ++lane) {
    const std::string number = std::to_string(lane);
    const auto beat = static_cast<std::int64_t>(view.lanes[lane]->heartbeat_micros.get());
    // A lane that has not begun is as old as the clock's origin; its age counts from its start, which the
    // watchdog sees.
    const std::chrono::duration<double> age = beat == 0 ? Duration::zero() : view.steady() - Duration(beat);
    page.set("lane_heartbeat_age_seconds", {number}, std::max(0.0, age.count()));
    page.set("lane_stalled", {number}, view.stalled(lane) ? 1.0 : 0.0);
    page.set("lane_busy_seconds_total", {number},
             static_cast<double>(view.lanes[lane]->busy_micros.get()) / 1e6);
  }
}

}  // namespace

MetricsSource lane_metrics(LaneMetricsView view) {
  return [view = std::move(view)](MetricsPage& page) {
    Statuses statuses;
    for (const LaneMetrics* lane : view.lanes) statuses.push_back(lane->status());
    put_input(page, view);
    put_work(page, view, statuses);
    put_dead_letters(page, statuses);
    if (const std::shared_ptr<const rules::RuleSet> set = view.rules()) put_rules(page, statuses, *set);
    put_transactions(page, view);
    put_partitions(page, view, statuses);
    put_lanes(page, view);
  };
}

}  // namespace proactive::daemon
