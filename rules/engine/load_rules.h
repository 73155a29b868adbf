// From files to a RuleSet: read, parse, lint, compile. All findings of all files at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/loader/diagnostics.h"
#include "rules/engine/rule.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

// A file's content: what load_rules reads from disk, and tests, fuzzers and embedded sets hand over directly.
struct RuleText {
  std::string file;  // as findings name it; its folder is the rules' category
  std::string text;
  bool has_test = false;  // <rule>.test.yaml stands beside it
};

struct LoadOptions {
  std::vector<std::string> signal_files;
  std::vector<std::string>
      pack_paths;  // files, or directories whose *.yaml (not *.test.yaml) are read in name order
  std::string time_zone = "Etc/UTC";
  Duration lateness = std::chrono::minutes(2);  // kafka.inputs.telemetry.lateness: buckets that stay open
  bool all_live = false;                        // `demo` and `test`: every rule runs as live
};

// nullptr when there are errors; warnings alone give a set.
[[nodiscard]] std::shared_ptr<const RuleSet> load_rules(const LoadOptions& options,
                                                        config::Findings& findings);

// The same from texts; reads no file. Of the options time_zone, lateness and all_live count.
[[nodiscard]] std::shared_ptr<const RuleSet> compile_rule_texts(const std::vector<RuleText>& signals,
                                                                const std::vector<RuleText>& rules,
                                                                const LoadOptions& options,
                                                                config::Findings& findings);

// The catalogue alone, e.g. for the telemetry of rule tests.
[[nodiscard]] SignalCatalogue load_signal_catalogue(const std::vector<std::string>& files,
                                                    config::Findings& findings);
[[nodiscard]] SignalCatalogue parse_catalogue_text(const RuleText& source, config::Findings& findings);

// The rule files of a path: itself, or all *.yaml and *.yml below the directory in name order, without *.test.yaml (.yml)
// and signals.yaml.
[[nodiscard]] std::vector<std::string> rule_files(const std::string& path);
// Where the tests of a rule file are, if it has any.
[[nodiscard]] std::string test_beside(const std::string& rule_file);

}  // namespace proactive::rules
