// From files to a RuleSet: read, parse, lint, compile. All findings of all files at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/loader/diagnostics.h"
#include "rules/engine/rule.h"

namespace proactive::rules {

struct LoadOptions {
  std::vector<std::string> signal_files;
  std::vector<std::string> pack_paths;  // files, or directories whose *.yaml (not *.test.yaml) are read in name order
  std::string time_zone = "Etc/UTC";
  bool all_live = false;  // `demo` and `test`: every rule runs as live
};

// nullptr when there are errors; warnings alone give a set.
[[nodiscard]] std::shared_ptr<const RuleSet> load_rules(const LoadOptions& options, config::Findings& findings);

}  // namespace proactive::rules
