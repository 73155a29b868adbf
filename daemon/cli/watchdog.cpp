#include "daemon/cli/watchdog.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "daemon/io/log.h"

namespace proactive::daemon {

Watchdog::Watchdog(std::vector<const LaneMetrics*> lanes, std::function<Duration()> steady,
                   const Notifier& notifier, const WatchdogOptions& options)
    : lanes_(std::move(lanes)),
      steady_(std::move(steady)),
      notifier_(notifier),
      options_(options),
      stalled_(std::make_unique<std::atomic<bool>[]>(lanes_.size())),
      idle_(std::make_unique<std::atomic<bool>[]>(lanes_.size())) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) set_idle(lane, true);
}

Watchdog::~Watchdog() = default;  // jthread asks its thread to stop and joins it

void Watchdog::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      look(steady_());
      woken.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    }
  });
}

void Watchdog::look(Duration now) {
  bool any = false;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const Duration beat(static_cast<std::int64_t>(lanes_[lane]->heartbeat_micros.get()));
    const bool is_stalled = !idle_[lane].load(std::memory_order_relaxed) && now - beat > options_.lane_stall;
    if (is_stalled != stalled_[lane].exchange(is_stalled, std::memory_order_relaxed)) {
      if (is_stalled) {
        log(LogLevel::error, "watchdog",
            "a lane shows no progress; the process will be restarted if it stays so",
            {{"lane", lane}, {"limit", format_duration(options_.lane_stall)}});
      } else {
        log(LogLevel::info, "watchdog", "a stalled lane moves again", {{"lane", lane}});
      }
    }
    any = any || is_stalled;
  }
  if (any || !options_.feed_every || (fed_at_ != Duration::min() && now - fed_at_ < *options_.feed_every))
    return;
  fed_at_ = now;
  notifier_.watchdog();
}

std::vector<std::size_t> Watchdog::stalled_lanes() const {
  std::vector<std::size_t> lanes;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (stalled(lane)) lanes.push_back(lane);
  }
  return lanes;
}

}  // namespace proactive::daemon
