// One rule set over a simulated fleet: the records through Pipelines as `run` would, the outreach kept as rows for the
// evaluation, the counts published as a lane's metrics.
//
// Owner and thread: `demo`'s main thread; the replay's lanes work only inside feed(). Memory: a row per outreach.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/io/lane_metrics.h"
#include "daemon/io/replay.h"
#include "daemon/io/work_totals.h"
#include "daemon/simulate/evaluation.h"
#include "daemon/simulate/simulator.h"

namespace proactive::daemon {

struct FleetRunOptions {
  std::int32_t partitions = 8;
  std::uint32_t lanes = 1;
};

class FleetRun {
 public:
  using Tell = std::function<void(std::string_view outreach_event)>;  // the event's JSON

  // `tell` may be null.
  FleetRun(std::shared_ptr<const rules::RuleSet> rules, const FleetRunOptions& options, Tell tell);

  void feed_profile(const ProfileLine& profile, Timestamp at);
  void feed(ReplayRecord record) { replay_.feed(std::move(record)); }
  void finish();

  // The counts so far, for /metrics.
  void publish(Timestamp at);
  [[nodiscard]] const LaneMetrics& metrics() const { return metrics_; }

  [[nodiscard]] const std::vector<OutreachRow>& outreach() const { return rows_; }
  [[nodiscard]] std::vector<RuleSignals> rule_signals() const;
  [[nodiscard]] std::uint64_t episodes() const;  // that fired; complete after finish()
  [[nodiscard]] const std::shared_ptr<const rules::RuleSet>& rules() const { return rules_; }

 private:
  void take(const OutputRecord& record);

  std::shared_ptr<const rules::RuleSet> rules_;
  Tell tell_;
  LaneMetrics metrics_;
  WorkTotals totals_;
  std::vector<PipelineCounts> counted_;  // by partition: what of its counts is in the totals
  std::vector<EffectCounts> effects_;    // likewise
  std::vector<OutreachRow> rows_;
  std::map<std::string, std::size_t> open_;  // outreach id -> its newest row
  Replay replay_;
};

[[nodiscard]] ReplayRecord to_replay_record(const SimulatedRecord& record);

}  // namespace proactive::daemon
