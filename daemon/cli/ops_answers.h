// What the ops listener says about the lanes: health, readiness, status. Pure functions of snapshots.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/http/metrics_collector.h"
#include "daemon/http/routes.h"
#include "daemon/io/lane_metrics.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

using LaneStatuses = std::vector<std::shared_ptr<const LaneStatus>>;

// {"status":"ok"} or {"status":"stalled","stalled_lanes":[1]}
[[nodiscard]] OpsAnswer health_answer(const std::vector<std::size_t>& stalled_lanes);

struct ReadinessFacts {
  bool stopping = false;
  std::string waiting_for;  // before the lanes start: "brokers unreachable: ..."; empty: they run
  LaneStatuses lanes;
};
// Ready: every lane has an assignment of the group's (an empty one counts), and all partitions that it has are restored,
// replayed and past their bootstrap, none refused. Not while a rebalance has taken the partitions and not given others
// yet. A stopped partition only makes it degraded.
[[nodiscard]] OpsAnswer readiness_answer(const ReadinessFacts& facts);

[[nodiscard]] std::string status_answer(const BuildNames& build, const rules::RuleSet& rules,
                                        const LaneStatuses& lanes);

// The same for the log: a line per lane and per partition.
void log_status(const LaneStatuses& lanes);

}  // namespace proactive::daemon
