#include "daemon/cli/lane_thread.h"

#include <exception>
#include <utility>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"
#include "daemon/kafka/lane_clients.h"

namespace proactive::daemon {
namespace {

constexpr Duration kRebuildWindow = std::chrono::minutes(10);
constexpr int kRebuildsPerWindow = 2;

}  // namespace

void LaneThread::start(LaneThreadSetup setup, std::function<void()> ended) {
  metrics_.heartbeat_micros.set(static_cast<std::uint64_t>(system_clocks().steady().count()));
  thread_ = std::thread([this, setup = std::move(setup), ended = std::move(ended)] {
    run(setup);
    done_.store(true, std::memory_order_release);
    ended();
  });
}

void LaneThread::run(const LaneThreadSetup& setup) noexcept {
  try {
    Duration window_began{};
    int rebuilds = 0;
    for (;;) {
      bool may_rebuild = false;
      outcome_ = run_once(setup, may_rebuild);
      if (!may_rebuild || inbox_.draining()) return;
      const Duration now = system_clocks().steady();
      if (now - window_began > kRebuildWindow) {
        window_began = now;
        rebuilds = 0;
      }
      if (++rebuilds > kRebuildsPerWindow) {
        log(LogLevel::error, "lane", "clients failed again and again; the process ends to be started anew",
            {{"lane", lane_}, {"rebuilds", rebuilds - 1}});
        outcome_ = ExitCode::restart;
        return;
      }
      log(LogLevel::warn, "lane", "connecting the lane anew", {{"lane", lane_}, {"rebuild", rebuilds}});
    }
  } catch (const std::exception& problem) {
    log(LogLevel::error, "lane", "an exception ended the lane", {{"lane", lane_}, {"error", problem.what()}});
  } catch (...) {
    log(LogLevel::error, "lane", "an unknown exception ended the lane", {{"lane", lane_}});
  }
  outcome_ = ExitCode::internal;
}

ExitCode LaneThread::run_once(const LaneThreadSetup& setup, bool& may_rebuild) {
  using Kind = kafka::ConnectFailure::Kind;
  const LaneClocks clocks = system_clocks();
  Result<kafka::LaneClients, kafka::ConnectFailure> clients =
      kafka::connect_lane(setup.kafka, lane_, setup.budget, clocks, inbox_, metrics_);
  if (!clients) {
    if (clients.error().kind == Kind::stopped) return ExitCode::ok;
    log(LogLevel::error, "lane", clients.error().message, {{"lane", lane_}});
    return clients.error().kind == Kind::twin ? ExitCode::restart : ExitCode::configuration;
  }
  auto pipeline = std::make_shared<PipelineSetup>(*setup.pipeline);
  pipeline->outreach.enabled = setup.outreach_enabled();
  Lane lane(setup.options, setup.rules(), std::move(pipeline), std::move(clients->source),
            std::move(clients->sink), clocks, inbox_, metrics_);
  const LaneEnd end = lane.run();
  switch (end.reason) {
    case LaneEndReason::none:
    case LaneEndReason::drained:
    case LaneEndReason::finished:
      return ExitCode::ok;
    case LaneEndReason::twin:
      log(LogLevel::error, "lane",
          "another process runs under our instance name; kafka.instance must be unique. The process ends",
          {{"lane", lane_}, {"cause", end.message}});
      return ExitCode::restart;
    case LaneEndReason::failed:
      log(LogLevel::error, "lane", "the lane's clients can't go on",
          {{"lane", lane_}, {"cause", end.message}});
      may_rebuild = true;
      return ExitCode::restart;
  }
  return ExitCode::internal;
}

}  // namespace proactive::daemon
