#include "daemon/io/replay.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/line_file.h"
#include "daemon/cli/pipeline_setup.h"
#include "daemon/cli/record_stamp.h"
#include "daemon/cli/replay_report.h"
#include "daemon/cli/state_file.h"

namespace proactive::daemon {
namespace {

struct ReplayFlags {
  std::string config_file, telemetry, profiles, tickets, decisions, state_out, rollout;
  std::int32_t partitions = 1;
  std::uint32_t lanes = 1;
};

// Where the outputs go.
struct Outputs {
  std::ofstream decisions;
  ReplayReport report;

  void write(const OutputRecord& record) {
    report.take(record);
    if (record.channel == Channel::outreach) std::cout << record.value << '\n';
    if (record.channel == Channel::decisions && decisions.is_open()) decisions << record.value << '\n';
  }
};

bool open_for_writing(std::ofstream& file, const std::string& name) {
  file.open(name, std::ios::binary | std::ios::trunc);
  if (file) return true;
  std::cerr << "proactived: can't write '" << name << "'\n";
  return false;
}

// Feeds a whole file; false when it can't be read to its end.
bool feed_file(Replay& replay, RecordStamp& stamp, StreamKind stream, const std::string& name) {
  if (name.empty()) return true;
  Result<LineFile> file = LineFile::open(name);
  if (!file) {
    std::cerr << "proactived: " << file.error().message << '\n';
    return false;
  }
  for (std::string_view line; file->next(line);) replay.feed(stamp.stamp(stream, line));
  if (!file->failed()) return true;
  std::cerr << "proactived: reading '" << name << "' failed after line " << file->line_number() << '\n';
  return false;
}

bool write_state(Replay& replay, const std::string& name) {
  std::ofstream file;
  if (!open_for_writing(file, name)) return false;
  begin_state_file(file);
  for (PartitionId partition = 0; partition < replay.partitions(); ++partition) {
    ChangeSet all;
    replay.pipeline(partition).dump(all);
    write_state_records(file, partition, all);
  }
  file.close();
  if (file) return true;
  std::cerr << "proactived: writing '" << name << "' failed\n";
  return false;
}

void say_summary(const Replay& replay, const ReplayReport& report, double seconds, bool enabled) {
  std::cerr << fmt::format("{} records, {} outreach events, {} decisions, {} dead letters in {:.1f} s\n",
                           replay.records(), report.count(Channel::outreach),
                           report.count(Channel::decisions), report.count(Channel::dead_letters), seconds);
  if (!enabled) {
    std::cerr << "outreach.enabled is false in this configuration: nothing is sent; --decisions FILE shows "
                 "what would have been decided, --rollout live what would have been sent\n";
  }
}

ExitCode replay_files(const ReplayFlags& flags) {
  for (const std::string* name : {&flags.telemetry, &flags.profiles, &flags.tickets}) {
    if (!name->empty() && *name != "-" && !require_path(*name)) return ExitCode::no_input;
  }
  const auto loaded = read_config_file(flags.config_file, config::LoadFor::replay);
  if (!loaded) return loaded.error();

  config::Findings findings;
  rules::LoadOptions load = rule_options(*loaded);
  load.all_live = flags.rollout == "live";
  const std::shared_ptr<const rules::RuleSet> rules = rules::load_rules(load, findings);
  std::cerr << findings.render_text();
  if (!rules) return ExitCode::configuration;

  Outputs outputs;
  if (!flags.decisions.empty() && !open_for_writing(outputs.decisions, flags.decisions))
    return ExitCode::io_error;
  const std::shared_ptr<PipelineSetup> setup = pipeline_setup(*loaded, flags.partitions, 0);
  if (load.all_live) setup->outreach.enabled = true;  // as if all were switched on; a replay sends nothing
  ReplayOptions options;
  options.partitions = flags.partitions;
  options.lanes = flags.lanes;
  options.partitioner = partitioner_from(loaded->kafka.partitioner).value_or(options.partitioner);
  Replay replay(rules, setup, options,
                [&](const OutputRecord& record, PartitionId, Timestamp) { outputs.write(record); });
  RecordStamp stamp(*setup, *rules);

  const auto began = std::chrono::steady_clock::now();
  if (!feed_file(replay, stamp, StreamKind::profiles, flags.profiles) ||
      !feed_file(replay, stamp, StreamKind::telemetry, flags.telemetry)) {
    return ExitCode::io_error;
  }
  replay.finish();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  say_summary(replay, outputs.report, took.count(), setup->outreach.enabled);
  ReplayReport::Unused unused;
  unused.lateness = loaded->kafka.telemetry.lateness;
  for (PartitionId partition = 0; partition < replay.partitions(); ++partition) {
    unused.late += replay.pipeline(partition).counts().late;
    unused.out_of_range += replay.pipeline(partition).counts().out_of_range;
  }
  std::cerr << outputs.report.text(*rules, stamp.seen(), unused);

  if (!flags.state_out.empty() && !write_state(replay, flags.state_out)) return ExitCode::io_error;
  outputs.decisions.close();
  if (!flags.decisions.empty() && !outputs.decisions) {
    std::cerr << "proactived: writing '" << flags.decisions << "' failed\n";
    return ExitCode::io_error;
  }
  return ExitCode::ok;
}

}  // namespace

void add_replay(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("replay", "Print the outreach events that recorded telemetry gives");
  const auto flags = std::make_shared<ReplayFlags>();
  command->add_option("--config", flags->config_file, "Configuration: input shape, rules, outreach")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--telemetry", flags->telemetry, "Telemetry, one JSON object a line; - is standard input")
      ->type_name("FILE")
      ->required();
  command->add_option("--profiles", flags->profiles, "Customer profiles, one JSON object a line; read first")
      ->type_name("FILE");
  command
      ->add_option("--tickets", flags->tickets, "Support tickets; accepted for later, no gate reads them yet")
      ->type_name("FILE");
  command->add_option("--partitions", flags->partitions, "Partitions, as the topic would have")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--lanes", flags->lanes, "Threads; the outcome is the same with any number")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  command->add_option("--rollout", flags->rollout, "live: as if every rule were live and outreach enabled")
      ->check(CLI::IsMember({"live"}));
  command
      ->add_option("--decisions", flags->decisions,
                   "Write the decisions to this file, one JSON object a line")
      ->type_name("FILE");
  command
      ->add_option("--state-out", flags->state_out,
                   "Write the final state to this file; `state --file` prints it")
      ->type_name("FILE");
  command->footer(
      "Outreach events go to standard output, one JSON object a line. Standard error tells why records "
      "became dead letters, what\n"
      "each rule did, and which signals never came.\n"
      "Examples:\n"
      "  proactived replay --config replay.yaml --telemetry telemetry.ndjson --profiles profiles.ndjson\n"
      "  zcat telemetry.ndjson.gz | proactived replay --config replay.yaml --telemetry - --decisions "
      "decisions.ndjson");
  command->callback([&chosen, flags] { chosen = [flags] { return replay_files(*flags); }; });
}

}  // namespace proactive::daemon
