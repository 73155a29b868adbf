// Looks at the lanes' heartbeats once a second: feeds /healthz, the metric lane_stalled, and systemd's watchdog as long
// as no lane is stalled.
//
// Owner: the start list. Thread: one of its own, until it is destroyed. Clock: steady, as an argument of look().
// Brokers that are away are no stall: a lane beats while it waits for them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/cli/notify.h"
#include "daemon/io/lane_metrics.h"

namespace proactive::daemon {

struct WatchdogOptions {
  Duration lane_stall = std::chrono::seconds(30);
  std::optional<Duration> feed_every;  // systemd's; nullopt: not asked for
};

class Watchdog {
 public:
  // `lanes`, `notifier` outlive it. `steady`: the lanes' own clock.
  Watchdog(std::vector<const LaneMetrics*> lanes, std::function<Duration()> steady, const Notifier& notifier,
           const WatchdogOptions& options);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void start();  // the thread; tests call look() instead
  void look(Duration now);

  // Any thread.
  [[nodiscard]] bool stalled(std::size_t lane) const {
    return stalled_[lane].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::vector<std::size_t> stalled_lanes() const;
  // A lane whose thread does not run yet, or no longer, can't stall. All are idle at first.
  void set_idle(std::size_t lane, bool idle) { idle_[lane].store(idle, std::memory_order_relaxed); }

 private:
  const std::vector<const LaneMetrics*> lanes_;
  const std::function<Duration()> steady_;
  const Notifier& notifier_;
  const WatchdogOptions options_;
  Duration fed_at_ = Duration::min();
  std::unique_ptr<std::atomic<bool>[]> stalled_, idle_;  // by lane
  std::jthread thread_;
};

}  // namespace proactive::daemon
