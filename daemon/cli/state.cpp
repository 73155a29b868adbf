#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/state_file.h"
#include "daemon/kafka/topic_reader.h"
#include "daemon/pipeline/state_blocks.h"

namespace proactive::daemon {
namespace {

struct StateFlags {
  std::string file, config_file;
  std::int32_t partition = -1;  // all
};

// One JSON line per record; what can't be read is a line on stderr and turns the exit code.
struct StatePrinter {
  std::int32_t only;
  std::uint64_t unreadable = 0;

  void operator()(PartitionId partition, std::string_view key, std::string_view value) {
    if (only >= 0 && partition != only) return;
    const Result<std::string> described = describe_state_record(key, value);
    if (described) {
      std::cout << *described << '\n';
    } else {
      ++unreadable;
      std::cerr << "proactived: partition " << partition << ": " << described.error().message << '\n';
    }
  }
};

ExitCode print_state_file(const StateFlags& flags) {
  if (!require_path(flags.file)) return ExitCode::no_input;
  std::ifstream file(flags.file, std::ios::binary);
  StatePrinter printer{flags.partition};
  const Result<void> read =
      read_state_file(file, [&printer](PartitionId partition, std::string_view key, std::string_view value) {
        printer(partition, key, value);
      });
  if (!read) std::cerr << "proactived: '" << flags.file << "': " << read.error().message << '\n';
  return read && printer.unreadable == 0 ? ExitCode::ok : ExitCode::bad_data;
}

ExitCode print_changelog(const StateFlags& flags) {
  const auto loaded = read_config_file(flags.config_file, config::LoadFor::replay);
  if (!loaded) return loaded.error();
  StatePrinter printer{flags.partition};
  std::optional<PartitionId> only;
  if (flags.partition >= 0) only = flags.partition;
  const Result<std::uint64_t> read = kafka::read_topic(
      loaded->kafka, loaded->kafka.outputs.changelog, only, [&printer](const kafka::TopicRecord& r) {
        printer(r.partition, r.key, r.tombstone ? std::string_view() : r.value);
        return static_cast<bool>(std::cout);
      });
  if (!read) {
    std::cerr << "proactived: " << read.error().message << '\n';
    return ExitCode::unavailable;
  }
  return printer.unreadable == 0 ? ExitCode::ok : ExitCode::bad_data;
}

}  // namespace

void add_state(CLI::App& app, Command& chosen) {
  CLI::App* command =
      app.add_subcommand("state", "Print state records of a changelog or a file, one JSON object a line");
  const auto flags = std::make_shared<StateFlags>();
  auto* source = command->add_option_group("source");
  source
      ->add_option("--config", flags->config_file,
                   "Configuration: reads its changelog topic, committed records only")
      ->type_name("FILE");
  source->add_option("--file", flags->file, "State file, as `replay --state-out` writes it")
      ->type_name("FILE");
  source->require_option(1);
  command->add_option("--partition", flags->partition, "Only this partition")->check(CLI::Range(0, 1 << 20));
  command->footer(
      "Ends with 65 when a record can't be read.\n"
      "Examples:\n"
      "  proactived state --config /etc/proactived/proactived.yaml --partition 3\n"
      "  proactived state --file final.state");
  command->callback([&chosen, flags] {
    chosen = [flags] { return flags->file.empty() ? print_changelog(*flags) : print_state_file(*flags); };
  });
}

}  // namespace proactive::daemon
