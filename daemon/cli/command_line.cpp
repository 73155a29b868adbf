#include "daemon/cli/command_line.h"

#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>

#include "daemon/cli/commands.h"
#include "daemon/cli/help_formatter.h"

namespace proactive::daemon {
namespace {

// A full disk or a closed pipe behind stdout is an error although every printf looked fine.
ExitCode flush_output(ExitCode code) {
  std::cout.flush();
  const bool lost = !std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (!lost) return code;
  std::fputs("proactived: can't write to standard output\n", stderr);
  return ExitCode::io_error;
}

ExitCode parse_and_run(int argc, const char* const* argv) {
  CLI::App app("Reads telemetry, notices problems before the customer does, and explains each outreach.",
               "proactived");
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(0, 1);
  app.footer("`proactived SUBCOMMAND --help` shows flags and examples.");
  Command chosen;
  add_check(app, chosen);
  add_config(app, chosen);
  add_demo(app, chosen);
  add_healthcheck(app, chosen);
  add_replay(app, chosen);
  add_run(app, chosen);
  add_score(app, chosen);
  add_simulate(app, chosen);
  add_state(app, chosen);
  add_test(app, chosen);
  add_version(app, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem, std::cout, std::cerr) == 0 ? ExitCode::ok : ExitCode::usage;
  }
  if (!chosen) {
    std::cout << app.help();
    return ExitCode::usage;
  }
  return chosen();
}

}  // namespace

ExitCode run_command_line(int argc, const char* const* argv) {
  try {
    return flush_output(parse_and_run(argc, argv));
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "proactived: internal error: %s\n", problem.what());
    return ExitCode::internal;
  }
}

}  // namespace proactive::daemon
