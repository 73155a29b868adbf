// From a configuration file to DaemonConfig: read the tree, fill in the environment, check every key against
// the field table, convert, read secrets, then look for settings that contradict each other. All findings
// come at once.
//
// Reads files, but no clock; runs once at start and at each reload, on the main thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "config/loader/diagnostics.h"
#include "config/loader/substitute.h"

namespace proactive::config {

// What the configuration is needed for: `run` asks for brokers, an instance and the id key; replay, check and
// the like do without.
enum class LoadFor : std::uint8_t { replay, run };

// nullopt when an error was found. E310 without a line when `file` itself can't be read.
[[nodiscard]] std::optional<DaemonConfig> load_config(const std::string& file, Findings& findings,
                                                      const Environment& environment,
                                                      LoadFor purpose = LoadFor::replay);

// The same from a text; `file` names it in findings, and relative paths are beside it.
[[nodiscard]] std::optional<DaemonConfig> decode_config(const std::string& file, std::string_view text,
                                                        Findings& findings, const Environment& environment,
                                                        LoadFor purpose = LoadFor::replay);

// The configuration in force as YAML, every key, secrets as <redacted>. Loads again, secrets apart.
[[nodiscard]] std::string effective_config(const DaemonConfig& config);

// config/defaults/proactived.yaml: every key with its default and its sentence.
[[nodiscard]] std::string default_config_yaml();

// docs/configuration.md.
[[nodiscard]] std::string config_reference_markdown();

}  // namespace proactive::config
