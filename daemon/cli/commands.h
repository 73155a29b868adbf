// The subcommands. Each add_... declares its flags and, when the command line names it, sets `chosen`.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <functional>

#include "daemon/cli/exit_code.h"

namespace proactive::daemon {

using Command = std::function<ExitCode()>;

void add_check(CLI::App& app, Command& chosen);
void add_config(CLI::App& app, Command& chosen);
void add_demo(CLI::App& app, Command& chosen);
void add_healthcheck(CLI::App& app, Command& chosen);
void add_replay(CLI::App& app, Command& chosen);
void add_run(CLI::App& app, Command& chosen);
void add_score(CLI::App& app, Command& chosen);
void add_simulate(CLI::App& app, Command& chosen);
void add_state(CLI::App& app, Command& chosen);
void add_test(CLI::App& app, Command& chosen);
void add_version(CLI::App& app, Command& chosen);

}  // namespace proactive::daemon
