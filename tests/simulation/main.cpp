// simulation [--seeds N] [--first S] [--mutant NAME] [--trace]
//
// Without a mutant every seed must pass, and within 1,000 seeds every kind of event must have happened. With one, some
// seed must fail: it shows that the simulation can.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>

#include "daemon/io/log.h"
#include "rules/engine/load_rules.h"
#include "tests/simulation/mutants.h"
#include "tests/simulation/schedule.h"

using namespace proactive;
using namespace proactive::simulation;

namespace {

struct Arguments {
  std::uint64_t seeds = 1000, first = 1;
  std::string mutant;
  bool trace = false;
};

std::string replay_command;  // of the seed that runs

// A broken invariant of the program ends the process: tell the seed all the same.
void on_abort(int) {
  const char text[] = "replay: ";
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
  (void)!write(STDERR_FILENO, replay_command.data(), replay_command.size());
  (void)!write(STDERR_FILENO, "\n", 1);
  std::_Exit(1);
}

int usage() {
  fmt::print(
      stderr,
      "usage: simulation [--seeds N] [--first S] [--mutant NAME] [--trace]\n"
      "mutants: no_offsets, restore_to_stable, no_undo, unstable_offsets, no_epoch, fresh_generation\n");
  return 64;
}

SharedRules load(const char* pack) {
  rules::LoadOptions options;
  options.signal_files = {PROACTIVE_SOURCE_DIR "/tests/data/good/rules/property/signals.yaml"};
  options.pack_paths = {pack};
  config::Findings findings;
  SharedRules rules = rules::load_rules(options, findings);
  if (rules == nullptr) fmt::print(stderr, "{}", findings.render_text());
  return rules;
}

int report_events(const Events& events, bool all_must_happen) {
  int missing = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const auto event = static_cast<Event>(i);
    fmt::print("  {:<24}{}\n", to_string(event), events.count(event));
    if (events.count(event) == 0 && all_must_happen) {
      fmt::print(stderr, "simulation: {} never happened: what follows from it was not tested\n",
                 to_string(event));
      ++missing;
    }
  }
  return missing;
}

int run(const Arguments& arguments, Mutant mutant) {
  const RuleSets rules{load(PROACTIVE_SOURCE_DIR "/tests/data/good/rules/property/rules.yaml"),
                       load(PROACTIVE_SOURCE_DIR "/tests/simulation/fewer_rules.yaml")};
  if (rules.all == nullptr || rules.fewer == nullptr) return 1;
  daemon::PipelineSetup setup;
  setup.outreach.enabled = true;
  setup.key = std::make_shared<const daemon::IdentityKey>(config::Secret("simulation-key"));

  Events events;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds; ++seed) {
    replay_command = fmt::format("simulation --first {} --seeds 1{} --trace", seed,
                                 mutant == Mutant::none ? "" : " --mutant " + arguments.mutant);
    Schedule schedule(seed, mutant, arguments.trace, rules, setup);
    std::string broken;
    try {
      schedule.run();
    } catch (const Broken& what) {
      broken = what.what();
    }
    events.add(schedule.events());
    if (broken.empty()) continue;
    if (mutant != Mutant::none) {
      fmt::print("mutant {} is caught by seed {}: {}\nreplay: {}\n", arguments.mutant, seed, broken,
                 replay_command);
      return 0;
    }
    fmt::print(stderr, "seed {}: {}\nreplay: {}\n", seed, broken, replay_command);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{} schedules, {:.0f} per second\n", arguments.seeds,
             static_cast<double>(arguments.seeds) / took.count());
  const int missing = report_events(events, mutant == Mutant::none && arguments.seeds >= 1000);
  if (mutant != Mutant::none) {
    fmt::print(stderr, "simulation: mutant {} is not caught\n", arguments.mutant);
    return 1;
  }
  return missing == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    const char* value = i + 1 < count ? values[i + 1] : nullptr;
    if (name == "--trace") {
      arguments.trace = true;
    } else if (value == nullptr) {
      return usage();
    } else if (name == "--seeds") {
      arguments.seeds = std::strtoull(values[++i], nullptr, 10);
    } else if (name == "--first") {
      arguments.first = std::strtoull(values[++i], nullptr, 10);
    } else if (name == "--mutant") {
      arguments.mutant = values[++i];
    } else {
      return usage();
    }
  }
  const std::optional<Mutant> mutant =
      arguments.mutant.empty() ? std::optional<Mutant>(Mutant::none) : mutant_from(arguments.mutant);
  if (!mutant || arguments.seeds == 0) return usage();
  disable_rollback(*mutant == Mutant::no_undo);

  daemon::LogOptions quiet;
  quiet.level = daemon::LogLevel::error;
  quiet.sink = std::make_shared<spdlog::sinks::null_sink_mt>();
  daemon::open_log(quiet);
  std::signal(SIGABRT, on_abort);
  return run(arguments, *mutant);
}
