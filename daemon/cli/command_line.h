// `proactived SUBCOMMAND [flags]`: parses the command line and runs the one subcommand that it names.
#pragma once

#include "daemon/cli/exit_code.h"

namespace proactive::daemon {

// Help and errors of usage are printed here. Never throws. Results go to stdout, findings and logs to stderr.
[[nodiscard]] ExitCode run_command_line(int argc, const char* const* argv);

}  // namespace proactive::daemon
