#include "daemon/kafka/lane_clients.h"

#include <thread>

#include "daemon/io/log.h"
#include "daemon/kafka/kafka_sink.h"
#include "daemon/kafka/kafka_source.h"

namespace proactive::daemon::kafka {

Result<LaneClients, ConnectFailure> connect_lane(const config::KafkaConfig& kafka, int lane,
                                                 const MemoryBudget& budget, const LaneClocks& clocks,
                                                 const LaneInbox& inbox, LaneMetrics& metrics) {
  using Kind = ConnectFailure::Kind;
  auto session = std::make_shared<GroupSession>();
  session->inputs = {kafka.telemetry.topic, kafka.profiles.topic};
  session->outputs = {kafka.outputs.outreach, kafka.outputs.decisions, kafka.dlq.topic,
                      kafka.outputs.changelog};

  const std::function<Duration()> steady = clocks.steady;
  const auto beat = [&metrics, steady] {
    metrics.heartbeat_micros.set(static_cast<std::uint64_t>(steady().count()));
  };
  beat();
  auto source = KafkaSource::create(kafka, lane, budget, session, steady);
  if (!source) return tl::make_unexpected(ConnectFailure{Kind::failed, source.error().message});
  auto sink = std::make_unique<KafkaSink>(kafka, lane, budget, session, steady, beat);
  for (;;) {
    const Result<void, SinkError> opened = sink->open();
    beat();
    if (opened) break;
    if (opened.error().outcome == CommitOutcome::fenced) {
      return tl::make_unexpected(ConnectFailure{Kind::twin, opened.error().message});
    }
    if (inbox.draining())
      return tl::make_unexpected(ConnectFailure{Kind::stopped, "stopped before it was connected"});
    log(LogLevel::warn, "kafka", "waiting for the brokers",
        {{"lane", lane}, {"cause", opened.error().message}});
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // some errors come at once
  }
  return LaneClients{std::move(*source), std::move(sink)};
}

}  // namespace proactive::daemon::kafka
