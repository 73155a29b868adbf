// The operator's routes: /metrics, /healthz, /readyz, /api/v1/status.
//
// What they say comes from an OpsSource; the process fills it with callbacks that read atomics and never wait
// for a lane or for Kafka.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/http/server.h"

namespace proactive::daemon {

struct OpsAnswer {
  bool good = true;  // else 503
  std::string json;
};

// Called on the HTTP thread; each must be safe beside the lanes.
struct OpsSource {
  std::function<OpsAnswer()> health;     // bad only when a lane is stalled, never because of Kafka
  std::function<OpsAnswer()> readiness;  // bad with reasons: config, joined, restored, producer, stopping
  std::function<std::string()> status;   // JSON: build, rules, lanes, partitions
  std::function<std::string()> metrics;  // text format 0.0.4
};

[[nodiscard]] std::vector<HttpRoute> ops_routes(OpsSource source);

}  // namespace proactive::daemon
