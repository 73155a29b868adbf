// simulation [--seeds N] [--first S] [--jobs N] [--mutant NAME] [--trace]
//
// Without a mutant every seed must pass, and within 1,000 seeds every kind of event must have happened. With one, some
// seed must fail: it shows that the simulation can.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>

#include "daemon/io/log.h"
#include "rules/engine/load_rules.h"
#include "tests/simulation/memory.h"
#include "tests/simulation/mutants.h"
#include "tests/simulation/schedule.h"

using namespace proactive;
using namespace proactive::simulation;

namespace {

struct Arguments {
  std::uint64_t seeds = 1000, first = 1, jobs = 1;
  std::string mutant;
  bool trace = false;
};

struct Shared {
  RuleSets rules;
  daemon::PipelineSetup setup;
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
  fmt::print(stderr,
             "usage: simulation [--seeds N] [--first S] [--jobs N] [--mutant NAME] [--trace]\nmutants: {}\n",
             mutant_names());
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
    fmt::print("  {:<30}{}\n", to_string(event), events.count(event));
    if (events.count(event) == 0 && all_must_happen) {
      fmt::print(stderr, "simulation: {} never happened: what follows from it was not tested\n",
                 to_string(event));
      ++missing;
    }
  }
  return missing;
}

struct Tally {  // plain bytes: it goes through a pipe
  Events events;
  std::uint64_t schedules = 0, failures = 0;
  void add(const Tally& other) {
    events.add(other.events);
    schedules += other.schedules;
    failures += other.failures;
  }
};

constexpr std::uint64_t kEnoughFailures = 10;

// Some seeds, in this process.
Tally run_seeds(const Arguments& arguments, Mutant mutant, const Shared& shared, std::uint64_t first,
                std::uint64_t seeds) {
  Tally tally;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    replay_command = fmt::format("simulation --first {} --seeds 1{} --trace", seed,
                                 mutant == Mutant::none ? "" : " --mutant " + arguments.mutant);
    Schedule schedule(seed, mutant, arguments.trace, shared.rules, shared.setup);
    std::string broken;
    try {
      schedule.run();
    } catch (const Broken& what) {
      broken = what.what();
    }
    tally.events.add(schedule.events());
    ++tally.schedules;
    if (broken.empty()) continue;
    ++tally.failures;
    fmt::print(stderr, "seed {}: {}\nreplay: {}\n", seed, broken, replay_command);
    if (mutant != Mutant::none || tally.failures == kEnoughFailures) break;
  }
  return tally;
}

// All seeds in processes of up to a thousand each, `jobs` at a time. One that ends early has failed and said so.
Tally run_forked(const Arguments& arguments, Mutant mutant, const Shared& shared) {
  const std::uint64_t chunk = std::clamp<std::uint64_t>(arguments.seeds / arguments.jobs, 1, 1000);
  Tally tally;
  std::map<pid_t, int> running;  // process -> where its tally can be read
  const std::uint64_t end = arguments.first + arguments.seeds;
  std::uint64_t next = arguments.first;
  while (next < end || !running.empty()) {
    const bool enough = tally.failures >= (mutant != Mutant::none ? 1 : kEnoughFailures);
    if (enough) next = end;
    if (next < end && running.size() < arguments.jobs) {
      int ends[2];
      if (pipe(ends) != 0) return {{}, 0, 1};
      const std::uint64_t seeds = std::min(chunk, end - next);
      const pid_t child = fork();
      if (child < 0) return {{}, 0, 1};
      if (child == 0) {
        const Tally mine = run_seeds(arguments, mutant, shared, next, seeds);
        std::fflush(nullptr);
        _exit(write(ends[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
      }
      close(ends[1]);
      running[child] = ends[0];
      next += seeds;
      continue;
    }
    const pid_t child = waitpid(-1, nullptr, 0);
    const auto found = running.find(child);
    if (found == running.end()) continue;
    Tally theirs;
    if (read(found->second, &theirs, sizeof theirs) != sizeof theirs) theirs.failures = 1;
    close(found->second);
    running.erase(found);
    tally.add(theirs);
  }
  return tally;
}

int run(const Arguments& arguments, Mutant mutant) {
  Shared shared{{load(PROACTIVE_SOURCE_DIR "/tests/data/good/rules/property/rules.yaml"),
                 load(PROACTIVE_SOURCE_DIR "/tests/simulation/fewer_rules.yaml")},
                {}};
  if (shared.rules.all == nullptr || shared.rules.fewer == nullptr) return 1;
  shared.setup.outreach.enabled = true;
  shared.setup.key = std::make_shared<const daemon::IdentityKey>(config::Secret("simulation-key"));

  const auto began = std::chrono::steady_clock::now();
  const Tally tally = arguments.jobs == 1
                          ? run_seeds(arguments, mutant, shared, arguments.first, arguments.seeds)
                          : run_forked(arguments, mutant, shared);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  int missing = 0;
  if (mutant == Mutant::none)
    missing = report_events(tally.events, tally.failures == 0 && tally.schedules >= 1000);
  fmt::print("{} schedules, {} failed, {:.0f} per second\n", tally.schedules, tally.failures,
             static_cast<double>(tally.schedules) / took.count());
  if (mutant != Mutant::none) {
    fmt::print("simulation: mutant {} is {}\n", arguments.mutant,
               tally.failures > 0 ? "caught" : "not caught");
    return tally.failures > 0 ? 0 : 1;
  }
  return missing == 0 && tally.failures == 0 ? 0 : 1;
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
    } else if (name == "--jobs") {
      arguments.jobs = std::strtoull(values[++i], nullptr, 10);
    } else if (name == "--mutant") {
      arguments.mutant = values[++i];
    } else {
      return usage();
    }
  }
  const std::optional<Mutant> mutant =
      arguments.mutant.empty() ? std::optional<Mutant>(Mutant::none) : mutant_from(arguments.mutant);
  if (!mutant || arguments.seeds == 0 || arguments.jobs == 0) return usage();
  keep_memory();
  link_mutant(*mutant);

  daemon::LogOptions quiet;
  quiet.level = daemon::LogLevel::error;
  quiet.sink = std::make_shared<spdlog::sinks::null_sink_mt>();
  daemon::open_log(quiet);
  std::signal(SIGABRT, on_abort);
  return run(arguments, *mutant);
}
