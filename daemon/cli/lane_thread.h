// One lane on its own thread: connects, runs, and connects anew when its clients can't go on.
//
// Owner: the start list. Thread: run() on the lane's; the rest from main. Failure: no exception leaves the thread; how
// the lane ended is read with outcome() once done() is true. Bound: two rebuilds in ten minutes, then the process
// restarts.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "config/loader/daemon_config.h"
#include "daemon/cli/exit_code.h"
#include "daemon/io/lane_inbox.h"
#include "daemon/io/lane_metrics.h"
#include "daemon/io/lane_options.h"
#include "daemon/io/memory_budget.h"
#include "daemon/pipeline/pipeline.h"

namespace proactive::daemon {

struct LaneThreadSetup {
  config::KafkaConfig kafka;
  MemoryBudget budget;
  std::function<std::shared_ptr<const rules::RuleSet>()> rules;  // those in use when the lane connects
  std::function<bool()> outreach_enabled;                        // likewise
  std::shared_ptr<const PipelineSetup> pipeline;
  LaneOptions options;
};

class LaneThread {
 public:
  explicit LaneThread(int lane) : lane_(lane) {}
  LaneThread(const LaneThread&) = delete;
  LaneThread& operator=(const LaneThread&) = delete;

  // `ended` is called on the lane's thread, last.
  void start(LaneThreadSetup setup, std::function<void()> ended);
  // REQUIRES: started and done(), or the process is about to end.
  void join() { thread_.join(); }

  [[nodiscard]] LaneInbox& inbox() { return inbox_; }
  [[nodiscard]] const LaneMetrics& metrics() const { return metrics_; }
  [[nodiscard]] bool started() const { return thread_.joinable(); }
  [[nodiscard]] bool done() const { return done_.load(std::memory_order_acquire); }
  [[nodiscard]] ExitCode outcome() const { return outcome_; }  // REQUIRES: done()

 private:
  void run(const LaneThreadSetup& setup) noexcept;
  ExitCode run_once(const LaneThreadSetup& setup, bool& may_rebuild);

  const int lane_;
  LaneInbox inbox_;
  LaneMetrics metrics_;
  ExitCode outcome_ = ExitCode::ok;
  std::atomic<bool> done_{false};
  std::thread thread_;  // not jthread: past the shutdown deadline the process ends without it
};

}  // namespace proactive::daemon
