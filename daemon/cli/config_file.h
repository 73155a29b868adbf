// Loads a configuration file for a subcommand and tells people what is wrong with it.
#pragma once

#include <optional>
#include <string>

#include "config/loader/load_config.h"
#include "daemon/cli/exit_code.h"
#include "models/base/result.h"

namespace proactive::daemon {

// Findings go to stderr; the error is the code to end with: 66 when the file is missing, 78 when it is wrong.
[[nodiscard]] Result<config::DaemonConfig, ExitCode> read_config_file(const std::string& file,
                                                                      config::LoadFor purpose);

// True when `path` names something; else says so on stderr (the caller ends with 66).
[[nodiscard]] bool require_path(const std::string& path);

}  // namespace proactive::daemon
