#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/http/get.h"

namespace proactive::daemon {
namespace {

struct HealthcheckOptions {
  std::string config_file;
  std::string address = config::DaemonConfig{}.http_listen;
  bool ready = false;
  unsigned timeout_seconds = 3;
};

ExitCode healthcheck(const HealthcheckOptions& options) {
  std::string address = options.address;
  if (!options.config_file.empty()) {
    const auto loaded = read_config_file(options.config_file, config::LoadFor::replay);
    if (!loaded) return loaded.error();
    address = loaded->http_listen;
  }
  const char* path = options.ready ? "/readyz" : "/healthz";
  const Result<HttpReply> reply = http_get(address, path, std::chrono::seconds(options.timeout_seconds));
  if (!reply) {
    std::cerr << "proactived: " << reply.error().message << '\n';
    return ExitCode::failed;
  }
  std::cout << reply->body;
  if (reply->status == 200) return ExitCode::ok;
  std::cerr << fmt::format("proactived: {}{} answers {}\n", address, path, reply->status);
  return ExitCode::failed;
}

}  // namespace

void add_healthcheck(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("healthcheck", "Ask a running daemon whether it is well");
  const auto options = std::make_shared<HealthcheckOptions>();
  auto* config_file =
      command->add_option("--config", options->config_file, "Configuration file: asks its http.ops.listen")
          ->type_name("FILE");
  command->add_option("--address", options->address, "Listener to ask")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->excludes(config_file);
  command->add_flag("--ready", options->ready, "Ask /readyz instead of /healthz");
  command->add_option("--timeout", options->timeout_seconds, "Seconds to wait for the answer")
      ->capture_default_str()
      ->check(CLI::Range(1u, 60u));
  command->footer(
      "Ends with 0 when the answer is 200, else with 1.\n"
      "Examples:\n"
      "  proactived healthcheck\n"
      "  proactived healthcheck --ready --address 127.0.0.1:9480");
  command->callback([&chosen, options] { chosen = [options] { return healthcheck(*options); }; });
}

}  // namespace proactive::daemon
