#include "daemon/cli/daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/cli/build_names.h"
#include "daemon/cli/generation.h"
#include "daemon/cli/lane_plan.h"
#include "daemon/cli/lane_thread.h"
#include "daemon/cli/log.h"
#include "daemon/cli/notify.h"
#include "daemon/cli/ops_answers.h"
#include "daemon/cli/pipeline_setup.h"
#include "daemon/cli/reload.h"
#include "daemon/cli/signals.h"
#include "daemon/cli/watchdog.h"
#include "daemon/http/lane_metrics_source.h"
#include "daemon/kafka/topics.h"
#include "rules/engine/load_rules.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

class Daemon {
 public:
  Daemon(const config::DaemonConfig& config, const RunOptions& options)
      : config_(config), options_(options) {}

  ExitCode run();

 private:
  // The start list. Each step returns ok, or the code to end with.
  ExitCode load_rules();
  ExitCode make_lanes();
  ExitCode open_http();
  ExitCode check_topics();
  ExitCode start_lanes();
  // Meanwhile.
  ExitCode serve();
  void handle(int signal);
  void reload_rules();
  // The stop list.
  ExitCode stop(ExitCode why);
  bool wait_for_lanes();

  [[nodiscard]] LaneStatuses statuses() const;
  [[nodiscard]] OpsSource ops_source();
  [[nodiscard]] ReadinessFacts readiness() const;
  void set_waiting_for(std::string reason);

  config::DaemonConfig config_;
  const RunOptions options_;
  Signals signals_;
  const Notifier notifier_{std::getenv("NOTIFY_SOCKET")};
  const LaneClocks clocks_ = system_clocks();
  std::unique_ptr<Generation> generation_;
  MemoryBudget budget_;
  std::int32_t partitions_ = 0;
  bool stop_wanted_ = false;
  std::vector<std::uint64_t> awaited_;  // by lane: the number of the newest rules that it must acknowledge

  mutable std::mutex readiness_mutex_;  // guards the next two, which the HTTP thread reads
  bool stopping_ = false;
  std::string waiting_for_ = "starting";

  // In the order of the start list; destroyed in the reverse one.
  std::vector<std::unique_ptr<LaneThread>> lanes_;
  std::unique_ptr<Watchdog> watchdog_;
  MetricsCollector metrics_;
  std::unique_ptr<HttpServer> http_;
};

ExitCode Daemon::run() {
  log(LogLevel::info, "daemon", "starting",
      {{"version", build_names().version}, {"config", options_.config_file}});
  for (const auto step : {&Daemon::load_rules, &Daemon::make_lanes, &Daemon::open_http, &Daemon::check_topics,
                          &Daemon::start_lanes}) {
    const ExitCode code = (this->*step)();
    if (code != ExitCode::ok || stop_wanted_) return stop(code);
  }
  return stop(serve());
}

ExitCode Daemon::load_rules() {
  config::Findings findings;
  const auto rules = rules::load_rules(rule_options(config_), findings);
  std::cerr << findings.render_text();
  if (!rules) {
    log(LogLevel::error, "daemon", "the rules have errors; nothing was started",
        {{"errors", findings.errors()}});
    return ExitCode::configuration;
  }
  generation_ = std::make_unique<Generation>(rules, config_.outreach.enabled, clocks_.now());
  log(LogLevel::info, "daemon", "rules loaded",
      {{"rules", rules->rules.size()}, {"hash", hash_text(rules->hash)}});
  return ExitCode::ok;
}

ExitCode Daemon::make_lanes() {
  const Result<LanePlan> plan = plan_lanes(config_.kafka);
  if (!plan) {
    log(LogLevel::error, "daemon", plan.error().message, {{"key", "kafka.memory_budget"}});
    return ExitCode::configuration;
  }
  budget_ = plan->budget;
  std::vector<const LaneMetrics*> blocks;
  for (std::uint32_t lane = 0; lane < plan->lanes; ++lane) {
    lanes_.push_back(std::make_unique<LaneThread>(static_cast<int>(lane)));
    blocks.push_back(&lanes_.back()->metrics());
  }
  awaited_.resize(plan->lanes);
  WatchdogOptions options;
  options.lane_stall = config_.lane_stall;
  options.feed_every =
      watchdog_interval(std::getenv("WATCHDOG_USEC"), std::getenv("WATCHDOG_PID"), ::getpid());
  watchdog_ = std::make_unique<Watchdog>(std::move(blocks), clocks_.steady, notifier_, options);
  watchdog_->start();
  return ExitCode::ok;
}

ExitCode Daemon::open_http() {
  LaneMetricsView view;
  for (const auto& lane : lanes_) view.lanes.push_back(&lane->metrics());
  view.topics = {config_.kafka.telemetry.topic, config_.kafka.profiles.topic};
  view.rules = [this] { return generation_->rules(); };
  view.steady = clocks_.steady;
  view.stalled = [this](std::size_t lane) { return watchdog_->stalled(lane); };
  std::vector<HttpRoute> routes = ops_routes(ops_source());
  const std::shared_ptr<HttpCounts> counts = http_counts_of(routes);
  metrics_.add(lane_metrics(std::move(view)));
  metrics_.add([this](MetricsPage& page) { generation_->put_metrics(page); });
  metrics_.add(build_metrics(build_names()));
  metrics_.add(http_metrics(counts));
  metrics_.add(log_metrics());
  metrics_.add(process_metrics());

  auto server = HttpServer::start(config_.http_listen, std::move(routes), {}, counts);
  if (!server) {
    log(LogLevel::error, "http", server.error().message, {{"key", "http.ops.listen"}});
    return ExitCode::configuration;
  }
  http_ = std::move(*server);
  log(LogLevel::info, "http", "serving /metrics, /healthz, /readyz and /api/v1/status",
      {{"listen", config_.http_listen}, {"port", http_->port()}});
  // Not after Kafka: an outage at boot must not make the service manager restart us in a loop.
  notifier_.ready("waiting for Kafka");
  return ExitCode::ok;
}

ExitCode Daemon::check_topics() {
  kafka::EnvironmentOptions options;
  options.try_writes =
      false;  // the lanes' own transactions try that; two starting instances would fence each other
  options.reach_within = 5s;
  while (!stop_wanted_) {
    const kafka::EnvironmentReport report = kafka::check_environment(config_.kafka, options);
    for (const kafka::EnvironmentFinding& finding : report.findings) {
      log(finding.error ? LogLevel::error : LogLevel::warn, "kafka", finding.sentence);
    }
    if (report.ok()) {
      partitions_ = report.partition_count;
      return ExitCode::ok;
    }
    if (report.exit_code() != to_int(ExitCode::unavailable)) return ExitCode::configuration;
    set_waiting_for("brokers unreachable");
    if (const std::optional<int> signal = signals_.next(1s)) handle(*signal);
  }
  return ExitCode::ok;
}

ExitCode Daemon::start_lanes() {
  const auto partitions = static_cast<std::uint64_t>(std::max(1, partitions_));
  const auto setup = pipeline_setup(config_, partitions_, budget_.state / partitions);
  if (lanes_.size() > partitions) {
    log(LogLevel::warn, "daemon", "more lanes than partitions: some will stay idle",
        {{"lanes", lanes_.size()}, {"partitions", partitions_}});
  }
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    LaneThreadSetup of_lane{config_.kafka,
                            budget_,
                            [this] { return generation_->rules(); },
                            [this] { return generation_->outreach_enabled(); },
                            setup,
                            lane_options(config_.kafka, static_cast<int>(lane), partitions_)};
    of_lane.options.checks.accept_empty_state = options_.accept_empty_state;
    of_lane.options.checks.accept_offset_reset = options_.accept_offset_reset;
    of_lane.options.skip_records = options_.skip_records;
    of_lane.options.warm.state_bytes = budget_.state / lanes_.size();
    lanes_[lane]->start(std::move(of_lane), [this] { signals_.wake(); });
    watchdog_->set_idle(lane, false);
  }
  set_waiting_for("");
  notifier_.status(fmt::format("{} lanes on {} partitions", lanes_.size(), partitions_));
  log(LogLevel::info, "daemon", "lanes started", {{"lanes", lanes_.size()}, {"partitions", partitions_}});
  return ExitCode::ok;
}

ExitCode Daemon::serve() {
  while (!stop_wanted_) {
    if (const std::optional<int> signal = signals_.next(1s)) handle(*signal);
    for (const auto& lane : lanes_) {
      if (lane->done()) return lane->outcome() == ExitCode::ok ? ExitCode::internal : lane->outcome();
    }
    const bool awaited = std::any_of(awaited_.begin(), awaited_.end(), [](std::uint64_t n) { return n > 0; });
    bool all = true;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      all = all && lanes_[i]->inbox().acknowledged() >= awaited_[i];
    if (awaited && all) {
      log(LogLevel::info, "reload", "all lanes use the new rules");
      std::fill(awaited_.begin(), awaited_.end(), 0);
    }
  }
  return ExitCode::ok;
}

void Daemon::handle(int signal) {
  if (signal == SIGHUP) return reload_rules();
  if (signal == SIGUSR1) return log_status(statuses());
  log(LogLevel::info, "daemon", "asked to stop", {{"signal", signal == SIGTERM ? "TERM" : "INT"}});
  stop_wanted_ = true;
}

void Daemon::reload_rules() {
  timespec monotonic{};
  ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
  notifier_.reloading(static_cast<std::uint64_t>(monotonic.tv_sec) * 1'000'000 +
                      static_cast<std::uint64_t>(monotonic.tv_nsec) / 1'000);
  Result<Reloaded, ReloadRefusal> loaded = reload(options_.config_file, config_);
  if (!loaded) {
    generation_->refused();
    for (const std::string& sentence : loaded.error().sentences) log(LogLevel::error, "reload", sentence);
    log(LogLevel::error, "reload", "nothing was reloaded; the rules in use stay",
        {{"problems", loaded.error().sentences.size()}, {"hash", hash_text(generation_->rules()->hash)}});
    return notifier_.ready("reload refused, the rules in use stay");
  }
  config_ = std::move(loaded->config);
  open_process_log(config_.log, options_.log_level);
  generation_->replaced(loaded->rules, config_.outreach.enabled, clocks_.now());
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    awaited_[lane] = lanes_[lane]->started()
                         ? lanes_[lane]->inbox().new_rules(loaded->rules, config_.outreach.enabled)
                         : 0;
  }
  log(LogLevel::info, "reload", "rules reloaded; each lane takes them at its next commit",
      {{"rules", loaded->rules->rules.size()}, {"hash", hash_text(loaded->rules->hash)}});
  notifier_.ready("rules reloaded");
}

ExitCode Daemon::stop(ExitCode why) {
  {
    const std::lock_guard lock(readiness_mutex_);
    stopping_ = true;
  }
  notifier_.stopping();
  for (const auto& lane : lanes_) lane->inbox().drain();
  if (!wait_for_lanes()) {
    // State is in Kafka; librdkafka 2.0.2 can hang in close.
    log(LogLevel::error, "daemon", "the shutdown deadline passed; what was not committed will be read again",
        {{"deadline", format_duration(config_.shutdown_deadline)}});
    ::_exit(to_int(ExitCode::restart));
  }
  for (const auto& lane : lanes_) {
    if (!lane->started()) continue;
    lane->join();
    if (why == ExitCode::ok) why = lane->outcome();
  }
  if (http_) http_->stop();
  log(LogLevel::info, "daemon", "stopped", {{"exit_code", to_int(why)}});
  return why;
}

bool Daemon::wait_for_lanes() {
  const Duration deadline = clocks_.steady() + config_.shutdown_deadline;
  const auto running = [](const auto& lane) { return lane->started() && !lane->done(); };
  while (std::any_of(lanes_.begin(), lanes_.end(), running)) {
    const Duration left = deadline - clocks_.steady();
    if (left <= 0s) return false;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(left, 1s));
    const std::optional<int> signal = signals_.next(wait);
    if (signal == SIGTERM || signal == SIGINT) {
      log(LogLevel::warn, "daemon", "asked twice to stop; ending at once");
      ::_exit(to_int(ExitCode::failed));
    }
  }
  return true;
}

LaneStatuses Daemon::statuses() const {
  LaneStatuses statuses;
  for (const auto& lane : lanes_) statuses.push_back(lane->metrics().status());
  return statuses;
}

ReadinessFacts Daemon::readiness() const {
  const std::lock_guard lock(readiness_mutex_);
  return {stopping_, waiting_for_, statuses()};
}

OpsSource Daemon::ops_source() {
  OpsSource source;
  source.health = [this] { return health_answer(watchdog_->stalled_lanes()); };
  source.readiness = [this] { return readiness_answer(readiness()); };
  source.status = [this] { return status_answer(build_names(), *generation_->rules(), statuses()); };
  source.metrics = [this] { return metrics_.render(); };
  return source;
}

void Daemon::set_waiting_for(std::string reason) {
  const std::lock_guard lock(readiness_mutex_);
  waiting_for_ = std::move(reason);
}

}  // namespace

ExitCode run_daemon(const config::DaemonConfig& config, const RunOptions& options) {
  Daemon daemon(config, options);
  return daemon.run();
}

}  // namespace proactive::daemon
