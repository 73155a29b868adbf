#include <memory>
#include <string>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/daemon.h"
#include "daemon/cli/log.h"

namespace proactive::daemon {

void add_run(CLI::App& app, Command& chosen) {
  struct Flags {
    RunOptions run;
    std::string log_level;
    std::vector<std::string> skip_records;
  };
  CLI::App* command = app.add_subcommand("run", "Run the daemon");
  const auto flags = std::make_shared<Flags>();
  command->add_option("--config", flags->run.config_file, "Configuration file")
      ->required()
      ->type_name("FILE");
  command->add_option("--log-level", flags->log_level, "Overrides log.level")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  command->add_flag("--accept-empty-state", flags->run.accept_empty_state,
                    "When the changelog is lost: begin cold instead of refusing the partition");
  command->add_flag("--accept-offset-reset", flags->run.accept_offset_reset,
                    "When offsets were set by hand: keep the state and go on at these offsets");
  command
      ->add_option("--skip-record", flags->skip_records,
                   "Put this record to the dead letters unseen: the one that a crash names; may be repeated")
      ->type_name("TOPIC:PARTITION:OFFSET")
      ->check([](const std::string& text) {
        const auto place = parse_record_place(text);
        return place ? std::string() : place.error().message;
      });
  command->footer(
      "Signals: HUP reloads rules, USR1 logs lanes and partitions, TERM and INT stop; a second one stops at "
      "once.\n"
      "Ends with 0 after a stop, 75 when it wants to be started again, 78 when something must be put right "
      "first.\n"
      "Examples:\n"
      "  proactived run --config /etc/proactived/proactived.yaml");
  command->callback([&chosen, flags] {
    chosen = [flags] {
      const auto loaded = read_config_file(flags->run.config_file, config::LoadFor::run);
      if (!loaded) return loaded.error();
      for (const std::string& text : flags->skip_records)
        flags->run.skip_records.push_back(*parse_record_place(text));
      flags->run.log_level = parse_log_level(flags->log_level);
      open_process_log(loaded->log, flags->run.log_level);
      return run_daemon(*loaded, flags->run);
    };
  });
}

}  // namespace proactive::daemon
