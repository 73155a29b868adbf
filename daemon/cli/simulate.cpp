#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "daemon/cli/commands.h"
#include "daemon/cli/simulation_flags.h"
#include "daemon/simulate/simulator.h"

namespace proactive::daemon {
namespace {

namespace fs = std::filesystem;

struct SimulateFlags {
  SimulationOptions simulation;
  std::string out;
};

// One line per element; false when the disk refuses.
template <class Rows, class Text>
bool write_lines(const fs::path& name, const Rows& rows, Text text) {
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  for (const auto& row : rows) file << text(row) << '\n';
  file.close();
  if (!file) std::cerr << "proactived: can't write '" << name.string() << "'\n";
  return static_cast<bool>(file);
}

ExitCode simulate_to_folder(const SimulateFlags& flags) {
  std::error_code problem;
  fs::create_directories(flags.out, problem);
  if (problem) {
    std::cerr << fmt::format("proactived: can't create '{}': {}\n", flags.out, problem.message());
    return ExitCode::io_error;
  }
  Simulator simulator(flags.simulation);
  const fs::path folder(flags.out);
  const bool written = write_lines(folder / "profiles.ndjson", simulator.profiles(),
                                   [](const ProfileLine& p) { return p.json; }) &&
                       write_lines(folder / "tickets.ndjson", simulator.tickets(),
                                   [](const TicketLine& t) { return t.json; }) &&
                       write_lines(folder / "truth.ndjson", simulator.truth(),
                                   [](const TruthRow& row) { return to_json(row); });
  if (!written) return ExitCode::io_error;

  const fs::path name = folder / "telemetry.ndjson";
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  std::uint64_t lines = 0;
  for (SimulatedRecord record; simulator.next(record) && file; ++lines) file << record.json << '\n';
  file.close();
  if (!file) {
    std::cerr << "proactived: can't write '" << name.string() << "'\n";
    return ExitCode::io_error;
  }
  std::cerr << fmt::format("{} events of {} customers over {} days, {} faults, in {}\n", lines,
                           flags.simulation.customers, flags.simulation.days, simulator.truth().size(),
                           flags.out);
  return ExitCode::ok;
}

}  // namespace

void add_simulate(CLI::App& app, Command& chosen) {
  CLI::App* command =
      app.add_subcommand("simulate", "Write telemetry of a simulated fleet, with known faults in it");
  const auto flags = std::make_shared<SimulateFlags>();
  add_simulation_flags(*command, flags->simulation);
  command
      ->add_option("--out", flags->out,
                   "Folder for telemetry.ndjson, profiles.ndjson, tickets.ndjson and truth.ndjson")
      ->required();
  command->footer(
      "The same seed gives the same bytes.\n"
      "Examples:\n"
      "  proactived simulate --seed 7 --customers 200 --days 28 --out fleet");
  command->callback([&chosen, flags] { chosen = [flags] { return simulate_to_folder(*flags); }; });
}

}  // namespace proactive::daemon
