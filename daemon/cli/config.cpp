#include <iostream>
#include <memory>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"

namespace proactive::daemon {

void add_config(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("config", "Print the configuration in force, with secrets masked");
  struct Options {
    std::string file;
    bool defaults = false;
  };
  const auto options = std::make_shared<Options>();
  auto* group = command->add_option_group("source");
  group->add_option("--config", options->file, "Configuration file")->type_name("FILE");
  group->add_flag("--defaults", options->defaults,
                  "Print every key with its default and its meaning instead");
  group->require_option(1);
  command->footer(
      "Examples:\n"
      "  proactived config --config /etc/proactived/proactived.yaml\n"
      "  proactived config --defaults > proactived.yaml");
  command->callback([&chosen, options] {
    chosen = [options] {
      if (options->defaults) {
        std::cout << config::default_config_yaml();
        return ExitCode::ok;
      }
      const auto loaded = read_config_file(options->file, config::LoadFor::replay);
      if (!loaded) return loaded.error();
      std::cout << config::effective_config(*loaded);
      return ExitCode::ok;
    };
  });
}

}  // namespace proactive::daemon
