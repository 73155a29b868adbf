#include "daemon/cli/rule_test_suite.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "config/loader/config_tree.h"
#include "rules/engine/lint_test.h"
#include "rules/engine/load_rules.h"

namespace proactive::daemon {
namespace {

std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::optional<RuleTestSuite> load_rule_tests(const std::string& file, const std::vector<std::string>& signals,
                                             config::Findings& findings, config::Findings& of_rules) {
  std::optional<rules::TestFile> parsed = rules::parse_test_file(file, read_text(file), findings);
  if (!parsed) return std::nullopt;
  rules::LoadOptions load;
  load.signal_files = signals;
  load.all_live = true;
  const auto folder = std::filesystem::path(file).parent_path();
  for (const std::string& rule : parsed->rules) load.pack_paths.push_back((folder / rule).string());
  RuleTestSuite suite{std::move(*parsed), {}, rules::load_rules(load, of_rules)};
  if (!suite.rules) return std::nullopt;
  for (const std::string& signal_file : signals) {
    config::Findings said_by_load_rules;
    if (const auto tree = config::read_tree(signal_file, read_text(signal_file), said_by_load_rules)) {
      rules::parse_signals(*tree, suite.catalogue, said_by_load_rules);
    }
  }
  const std::size_t errors = findings.errors();
  rules::lint_test(suite.file, suite.catalogue, *suite.rules, findings);
  if (findings.errors() > errors) return std::nullopt;
  return suite;
}

}  // namespace proactive::daemon
