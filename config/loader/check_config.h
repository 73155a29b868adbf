// What no single key can get wrong: settings that contradict each other, and names that Kafka would refuse.
#pragma once

#include "config/loader/config_tree.h"
#include "config/loader/daemon_config.h"
#include "config/loader/diagnostics.h"
#include "config/loader/load_config.h"

namespace proactive::config {

// `root` gives the places. REQUIRES: `config` was read from it; members whose key had a finding hold their defaults.
void check_config(const DaemonConfig& config, const TreeNode& root, LoadFor purpose, Findings& findings);

// Why a raw librdkafka setting is refused: a clause after "is refused:"; empty when it may be set.
[[nodiscard]] std::string_view refused_override(std::string_view name);

}  // namespace proactive::config
