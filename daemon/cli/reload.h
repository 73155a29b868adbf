// A reload is a dry run first: the configuration and the rules are read again and compared with what runs. Only rules
// and the log's settings can change in a running daemon; anything else is named, and nothing changes.
//
// Thread: main. Reads files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/loader/daemon_config.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

struct Reloaded {
  config::DaemonConfig config;
  std::shared_ptr<const rules::RuleSet> rules;
};

// Why nothing was reloaded: findings as text, or settings that need a restart, one sentence each.
struct ReloadRefusal {
  std::vector<std::string> sentences;
};

[[nodiscard]] Result<Reloaded, ReloadRefusal> reload(const std::string& config_file,
                                                     const config::DaemonConfig& running);

// The lines of the effective configuration that differ, rules and log apart: "kafka.brokers: [a:1] -> [b:1]".
[[nodiscard]] std::vector<std::string> restart_changes(const config::DaemonConfig& running,
                                                       const config::DaemonConfig& wanted);

}  // namespace proactive::daemon
