// Connects a lane: its producer first, which fences and ends what a dead predecessor left open, then its consumer.
#pragma once

#include <memory>

#include "config/loader/daemon_config.h"
#include "daemon/io/lane_inbox.h"
#include "daemon/io/lane_metrics.h"
#include "daemon/io/lane_options.h"
#include "daemon/io/memory_budget.h"
#include "daemon/io/ports.h"

namespace proactive::daemon::kafka {

struct LaneClients {
  std::unique_ptr<RecordSource> source;
  std::unique_ptr<Sink> sink;
};

// Runs on the lane's thread. Waits for brokers as long as it takes, beating the lane's heart, until they answer or
// the inbox says drain (`stopped`). `failed`: the settings are wrong.
struct ConnectFailure {
  enum class Kind : std::uint8_t { stopped, twin, failed } kind = Kind::failed;
  std::string message;
};
[[nodiscard]] Result<LaneClients, ConnectFailure> connect_lane(const config::KafkaConfig& kafka, int lane,
                                                               const MemoryBudget& budget,
                                                               const LaneClocks& clocks,
                                                               const LaneInbox& inbox, LaneMetrics& metrics);

}  // namespace proactive::daemon::kafka
