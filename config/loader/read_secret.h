// Secrets come from files only: a configuration can then be shown, copied and kept under version control.
#pragma once

#include <optional>
#include <string>

#include "config/loader/daemon_config.h"
#include "config/loader/diagnostics.h"
#include "config/loader/substitute.h"

namespace proactive::config {

// A relative `name` is looked up as $CREDENTIALS_DIRECTORY/NAME, $CREDENTIALS_DIRECTORY/proactived_NAME (systemd joins
// the id of a LoadCredential directory and the file's name so), then beside the configuration. One trailing newline is
// dropped. Missing: E310; empty or over 64 KiB: E311; readable by everybody: W312.
[[nodiscard]] std::optional<Secret> read_secret(const std::string& name, const Place& place,
                                                const std::string& config_file,
                                                const Environment& environment, Findings& findings);

}  // namespace proactive::config
