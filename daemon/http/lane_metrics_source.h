// The lanes' part of /metrics: sums their LaneMetrics blocks and their newest LaneStatus.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/http/metrics_collector.h"
#include "daemon/io/lane_metrics.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

// What the source reads; all of it must outlive the server. Functions are called on the HTTP thread.
struct LaneMetricsView {
  std::vector<const LaneMetrics*> lanes;
  std::array<std::string, kStreamKinds> topics;                  // an empty one is off
  std::function<std::shared_ptr<const rules::RuleSet>()> rules;  // the set in use
  std::function<Duration()> steady;                              // the lanes' own clock
  std::function<bool(std::size_t lane)> stalled;                 // the watchdog's verdict
};

[[nodiscard]] MetricsSource lane_metrics(LaneMetricsView view);

}  // namespace proactive::daemon
