#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>

#include "daemon/cli/build_names.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/fleet_run.h"
#include "daemon/cli/lane_plan.h"
#include "daemon/cli/ops_answers.h"
#include "daemon/cli/outreach_line.h"
#include "daemon/cli/share_paths.h"
#include "daemon/cli/simulation_flags.h"
#include "daemon/http/lane_metrics_source.h"
#include "rules/engine/load_rules.h"

namespace proactive::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kChunk = 20'000;  // records between two looks at progress and metrics

struct DemoFlags {
  SimulationOptions simulation;
  std::string format = "text";
  std::string listen = "127.0.0.1:9480";
  std::uint32_t lanes = 0;
};

Result<std::shared_ptr<const rules::RuleSet>> load_live(const std::string& signals,
                                                        const std::string& packs) {
  rules::LoadOptions options;
  options.signal_files = {signals};
  options.pack_paths = {packs};
  options.all_live = true;
  config::Findings findings;
  auto rules = rules::load_rules(options, findings);
  if (!rules) return failure(findings.render_text());
  return rules;
}

// One line that is written over; on anything but a terminal one line per simulated week.
class Progress {
 public:
  explicit Progress(std::uint32_t days) : days_(days), terminal_(::isatty(STDERR_FILENO) == 1) {}

  void show(double day, std::uint64_t events, double seconds, std::size_t outreach) {
    const auto week = static_cast<std::uint32_t>(day) / 7;
    if (!terminal_ && week == week_) return;
    week_ = week;
    std::cerr << fmt::format("{}day {:.0f} of {}, {:.1f} M events, {:.2f} M events/s, {} outreach{}",
                             terminal_ ? "\r\033[K" : "", day, days_, static_cast<double>(events) / 1e6,
                             seconds > 0 ? static_cast<double>(events) / seconds / 1e6 : 0.0, outreach,
                             terminal_ ? "" : "\n");
    shown_ = true;
  }
  // Before anything else is written.
  void clear() {
    if (terminal_ && shown_) std::cerr << "\r\033[K";
    shown_ = false;
  }

 private:
  std::uint32_t days_, week_ = 0;
  bool terminal_, shown_ = false;
};

class Demo {
 public:
  Demo(const DemoFlags& flags, std::shared_ptr<const rules::RuleSet> shipped,
       std::shared_ptr<const rules::RuleSet> thresholds)
      : flags_(flags),
        progress_(flags.simulation.days),
        simulator_(flags.simulation),
        shipped_(std::move(shipped), run_options(), [this](std::string_view event) { tell(event); }),
        thresholds_(std::move(thresholds), run_options(), nullptr) {}

  void open_http();
  void play();
  void summarise();

 private:
  [[nodiscard]] FleetRunOptions run_options() const {
    return {.partitions = 8, .lanes = flags_.lanes > 0 ? flags_.lanes : auto_lanes()};
  }
  void tell(std::string_view event);
  void run_chunk(std::vector<ReplayRecord>& chunk);
  [[nodiscard]] Evaluation evaluate(const FleetRun& run) const;

  const DemoFlags& flags_;
  Progress progress_;
  Simulator simulator_;
  FleetRun shipped_, thresholds_;
  MetricsCollector metrics_;
  std::unique_ptr<HttpServer> http_;
  std::uint64_t events_ = 0;
  double seconds_ = 0;  // that the shipped rules took
};

// Port taken: any other will do, this is a demonstration.
void Demo::open_http() {
  LaneMetricsView view;
  view.lanes = {&shipped_.metrics()};
  view.topics = {"telemetry.events", "customers.profiles"};
  view.rules = [this] { return shipped_.rules(); };
  view.steady = [] { return Duration::zero(); };
  view.stalled = [](std::size_t) { return false; };
  metrics_.add(lane_metrics(std::move(view)));
  metrics_.add(build_metrics(build_names()));
  metrics_.add(process_metrics());
  OpsSource source;
  source.health = [] { return health_answer({}); };
  source.readiness = [this] { return readiness_answer({false, "", {shipped_.metrics().status()}}); };
  source.status = [this] {
    return status_answer(build_names(), *shipped_.rules(), {shipped_.metrics().status()});
  };
  source.metrics = [this] { return metrics_.render(); };
  for (const std::string& listen : {flags_.listen, std::string("127.0.0.1:0")}) {
    auto server = HttpServer::start(listen, ops_routes(source));
    if (!server) continue;
    http_ = std::move(*server);
    std::cerr << fmt::format("metrics: http://127.0.0.1:{}/metrics\n", http_->port());
    return;
  }
}

void Demo::play() {
  for (const ProfileLine& profile : simulator_.profiles()) {
    shipped_.feed_profile(profile, simulator_.begin());
    thresholds_.feed_profile(profile, simulator_.begin());
  }
  std::vector<ReplayRecord> chunk;
  for (SimulatedRecord record; simulator_.next(record);) {
    chunk.push_back(to_replay_record(record));
    if (chunk.size() == kChunk) run_chunk(chunk);
  }
  run_chunk(chunk);
  const Clock::time_point began = Clock::now();
  shipped_.finish();
  seconds_ += std::chrono::duration<double>(Clock::now() - began).count();
  thresholds_.finish();
  shipped_.publish(simulator_.end());
  thresholds_.publish(simulator_.end());
  progress_.clear();
}

void Demo::run_chunk(std::vector<ReplayRecord>& chunk) {
  if (chunk.empty()) return;
  const Timestamp at = chunk.back().time;
  std::vector<ReplayRecord> copy = chunk;
  const Clock::time_point began = Clock::now();
  for (ReplayRecord& record : copy) shipped_.feed(std::move(record));
  seconds_ += std::chrono::duration<double>(Clock::now() - began).count();
  events_ += chunk.size();
  for (ReplayRecord& record : chunk) thresholds_.feed(std::move(record));
  chunk.clear();
  shipped_.publish(at);
  const std::chrono::duration<double, std::ratio<86'400>> day = at - simulator_.begin();
  progress_.show(day.count(), events_, seconds_, shipped_.outreach().size());
}

void Demo::tell(std::string_view event) {
  if (flags_.format != "text") return;
  const std::string line = outreach_line(event);
  if (line.empty()) return;
  progress_.clear();
  std::cout << line << std::flush;
}

Evaluation Demo::evaluate(const FleetRun& run) const {
  EvaluationScope scope;
  scope.customers = flags_.simulation.customers;
  scope.days = flags_.simulation.days;
  scope.begin = simulator_.begin();
  scope.warm_up = simulator_.warm_until() - simulator_.begin();
  return evaluate_outreach(simulator_.truth(), run.outreach(), run.rule_signals(), scope);
}

void Demo::summarise() {
  const Evaluation shipped = evaluate(shipped_), thresholds = evaluate(thresholds_);
  const RunFigures figures{events_, shipped_.episodes(),
                           seconds_ > 0 ? static_cast<double>(events_) / seconds_ : 0};
  if (flags_.format == "json") {
    std::cout << summary_json(figures, shipped, &thresholds) << '\n';
    return;
  }
  std::cout << fmt::format(
                   "\n{} customers over {} days (seed {}): {} events at {:.2f} M events/s, {} episodes, {} "
                   "outreach\n\n",
                   flags_.simulation.customers, flags_.simulation.days, flags_.simulation.seed,
                   figures.events, figures.events_per_second / 1e6, figures.episodes, shipped.outreach)
            << summary_table(shipped, &thresholds);
}

ExitCode demo(const DemoFlags& flags) {
  const Result<SharePaths> share = find_share();
  if (!share) {
    std::cerr << "proactived: " << share.error().message << '\n';
    return ExitCode::no_input;
  }
  const std::string signals = share->signals().string();
  const auto shipped = load_live(signals, share->packs().string());
  const auto thresholds = load_live(signals, share->static_thresholds().string());
  for (const auto* rules : {&shipped, &thresholds}) {
    if (*rules) continue;
    std::cerr << rules->error().message;
    return ExitCode::configuration;
  }
  Demo run(flags, *shipped, *thresholds);
  run.open_http();
  run.play();
  run.summarise();
  return ExitCode::ok;
}

}  // namespace

void add_demo(CLI::App& app, Command& chosen) {
  CLI::App* command =
      app.add_subcommand("demo", "Show the shipped rules at work on a simulated fleet; no broker needed");
  const auto flags = std::make_shared<DemoFlags>();
  add_simulation_flags(*command, flags->simulation);
  command
      ->add_option("--format", flags->format,
                   "text: outreach as lines, then a table; json: the summary alone")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      ->add_option("--listen", flags->listen,
                   "Where to serve metrics meanwhile; another port when it is taken")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command->add_option("--lanes", flags->lanes, "Threads; 0: as many as `run` would use")
      ->check(CLI::Range(0u, 64u))
      ->capture_default_str();
  command->footer(
      "Every rule runs as live. The second column is the same fleet under fixed limits, without models.\n"
      "Examples:\n"
      "  proactived demo\n"
      "  proactived demo --seed 42 --customers 200 --days 28 --format json");
  command->callback([&chosen, flags] { chosen = [flags] { return demo(*flags); }; });
}

}  // namespace proactive::daemon
