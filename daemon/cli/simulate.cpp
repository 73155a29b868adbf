#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/simulation_flags.h"
#include "daemon/kafka/topic_writer.h"
#include "daemon/simulate/simulator.h"

namespace proactive::daemon {
namespace {

namespace fs = std::filesystem;

struct SimulateFlags {
  SimulationOptions simulation;
  std::string out, config_file, brokers;
  bool to_kafka = false;
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

// The topics' names and the way to the brokers.
Result<config::KafkaConfig, ExitCode> kafka_of(const SimulateFlags& flags) {
  config::KafkaConfig kafka;
  kafka.profiles.topic = "customers.profiles";
  if (!flags.config_file.empty()) {
    const auto loaded = read_config_file(flags.config_file, config::LoadFor::replay);
    if (!loaded) return tl::make_unexpected(loaded.error());
    kafka = loaded->kafka;
  }
  if (!flags.brokers.empty()) {
    kafka.brokers.clear();
    std::istringstream list(flags.brokers);
    for (std::string broker; std::getline(list, broker, ',');) kafka.brokers.push_back(broker);
  }
  if (!kafka.brokers.empty()) return kafka;
  std::cerr << "proactived: no brokers; give --brokers, or --config with kafka.brokers\n";
  return tl::make_unexpected(ExitCode::usage);
}

// Profiles first, then telemetry; each record is stamped with its event time.
Result<std::uint64_t> produce(Simulator& simulator, const config::KafkaConfig& kafka) {
  auto writer = kafka::TopicWriter::open(kafka);
  if (!writer) return tl::make_unexpected(writer.error());
  if (!kafka.profiles.topic.empty()) {
    for (const ProfileLine& profile : simulator.profiles()) {
      const auto written =
          (*writer)->write(kafka.profiles.topic, profile.customer_id, profile.json, simulator.begin());
      if (!written) return tl::make_unexpected(written.error());
    }
    if (const auto flushed = (*writer)->flush(); !flushed) return tl::make_unexpected(flushed.error());
  }
  std::uint64_t records = 0;
  for (SimulatedRecord record; simulator.next(record); ++records) {
    const auto written =
        (*writer)->write(kafka.telemetry.topic, record.customer, record.json, record.event_time);
    if (!written) return tl::make_unexpected(written.error());
  }
  if (const auto flushed = (*writer)->flush(); !flushed) return tl::make_unexpected(flushed.error());
  return records;
}

ExitCode simulate_to_kafka(const SimulateFlags& flags) {
  const auto kafka = kafka_of(flags);
  if (!kafka) return kafka.error();
  Simulator simulator(flags.simulation);
  const Result<std::uint64_t> records = produce(simulator, *kafka);
  if (!records) {
    std::cerr << "proactived: " << records.error().message << '\n';
    return ExitCode::unavailable;
  }
  std::cerr << fmt::format("{} events of {} customers over {} days, {} faults, to {}\n", *records,
                           flags.simulation.customers, flags.simulation.days, simulator.truth().size(),
                           kafka->telemetry.topic);
  return ExitCode::ok;
}

}  // namespace

void add_simulate(CLI::App& app, Command& chosen) {
  CLI::App* command =
      app.add_subcommand("simulate", "Write telemetry of a simulated fleet, with known faults in it");
  const auto flags = std::make_shared<SimulateFlags>();
  add_simulation_flags(*command, flags->simulation);
  auto* out =
      command
          ->add_option("--out", flags->out,
                       "Folder for telemetry.ndjson, profiles.ndjson, tickets.ndjson and truth.ndjson")
          ->type_name("DIR");
  auto* to_kafka =
      command->add_flag("--to-kafka", flags->to_kafka, "Produce telemetry and profiles to Kafka instead");
  out->excludes(to_kafka);
  command->add_option("--config", flags->config_file, "Configuration with brokers, login and topics")
      ->type_name("FILE")
      ->needs(to_kafka);
  command->add_option("--brokers", flags->brokers, "Instead of the configuration\'s")
      ->type_name("HOST:PORT,...")
      ->needs(to_kafka);
  command->footer(
      "The same seed gives the same bytes.\n"
      "Examples:\n"
      "  proactived simulate --seed 7 --customers 200 --days 28 --out fleet\n"
      "  proactived simulate --seed 7 --to-kafka --config proactived.yaml");
  command->callback([&chosen, flags] {
    chosen = [flags] {
      if (flags->to_kafka) return simulate_to_kafka(*flags);
      if (!flags->out.empty()) return simulate_to_folder(*flags);
      std::cerr << "proactived: where to? Give --out FOLDER or --to-kafka\n";
      return ExitCode::usage;
    };
  });
}

}  // namespace proactive::daemon
