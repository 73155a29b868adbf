#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "config/loader/config_tree.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/rule_test_run.h"
#include "daemon/cli/share_paths.h"
#include "rules/engine/load_rules.h"
#include "rules/engine/test_file.h"

namespace proactive::daemon {
namespace {

namespace fs = std::filesystem;

struct TestFlags {
  std::vector<std::string> paths, signals;
  std::string only;  // a part of the test's name
};

struct Tally {
  std::size_t passed = 0, failed = 0;
  bool unreadable = false;
};

std::vector<std::string> test_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path, error)) {
    const std::string name = entry.path().string();
    if (name.ends_with(".test.yaml") || name.ends_with(".test.yml")) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Suite {
  rules::TestFile file;
  rules::SignalCatalogue catalogue;
  std::shared_ptr<const rules::RuleSet> rules;
};

// nullopt, with findings, when the test, its rules or the catalogue have errors.
std::optional<Suite> load_suite(const std::string& name, const std::vector<std::string>& signals,
                                config::Findings& findings) {
  std::optional<rules::TestFile> parsed = rules::parse_test_file(name, read_text(name), findings);
  if (!parsed) return std::nullopt;
  rules::LoadOptions load;
  load.signal_files = signals;
  load.all_live = true;
  for (const std::string& rule : parsed->rules)
    load.pack_paths.push_back((fs::path(name).parent_path() / rule).string());
  Suite suite{std::move(*parsed), {}, rules::load_rules(load, findings)};
  if (!suite.rules) return std::nullopt;
  for (const std::string& file : signals) {
    config::Findings said_by_load_rules;
    if (const auto tree = config::read_tree(file, read_text(file), said_by_load_rules)) {
      rules::parse_signals(*tree, suite.catalogue, said_by_load_rules);
    }
  }
  return suite;
}

// A misspelt rule is never firing and never speaks: an expectation about it would be met for nothing.
void check_names(const Suite& suite, config::Findings& findings) {
  const auto known = [&suite](const std::string& name) {
    return name.empty() || std::any_of(suite.rules->rules.begin(), suite.rules->rules.end(),
                                       [&name](const rules::Rule& rule) { return rule.name == name; });
  };
  std::string names;
  for (const rules::Rule& rule : suite.rules->rules) names += (names.empty() ? "" : ", ") + rule.name;
  for (const rules::TestCase& test : suite.file.tests) {
    for (const rules::Expectation& expectation : test.expect) {
      const std::string rule = std::visit([](const auto& what) { return what.rule; }, expectation.what);
      if (known(rule)) continue;
      findings.add("E405", expectation.place, fmt::format("no rule '{}' in the files under test", rule),
                   "they have " + names);
    }
  }
}

void run_suite(const std::string& name, const TestFlags& flags, Tally& tally) {
  config::Findings findings;
  const std::optional<Suite> suite =
      load_suite(name, flags.signals.empty() ? signals_near(name) : flags.signals, findings);
  if (suite) check_names(*suite, findings);
  if (suite && !findings.has_errors()) {
    for (const rules::TestCase& test : suite->file.tests) {
      if (test.name.find(flags.only) == std::string::npos) continue;
      const std::size_t errors = findings.errors();
      const std::vector<rules::TestRecord> records = rules::records_of(test, suite->catalogue, findings);
      if (findings.errors() > errors) continue;
      const std::vector<UnmetExpectation> unmet = run_rule_test(test, records, suite->rules);
      std::cout << fmt::format("{} {}: {}\n", unmet.empty() ? "ok  " : "FAIL", name, test.name);
      for (const UnmetExpectation& expectation : unmet) {
        std::cout << fmt::format("     {}:{}: {}\n", name, expectation.place.line, expectation.sentence);
      }
      ++(unmet.empty() ? tally.passed : tally.failed);
    }
  }
  findings.sort();
  if (findings.has_errors()) {
    std::cerr << findings.render_text();
    tally.unreadable = true;
  }
}

ExitCode run_tests(const TestFlags& flags) {
  Tally tally;
  for (const std::string& path : flags.paths) {
    if (!require_path(path)) return ExitCode::no_input;
    for (const std::string& file : test_files(path)) run_suite(file, flags, tally);
  }
  std::cout << fmt::format("{} passed, {} failed\n", tally.passed, tally.failed);
  if (tally.unreadable) return ExitCode::configuration;
  if (tally.passed + tally.failed == 0) std::cerr << "proactived: no test was run\n";
  return tally.failed == 0 && tally.passed > 0 ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

void add_test(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("test", "Run the tests beside rules (*.test.yaml)");
  const auto flags = std::make_shared<TestFlags>();
  command->add_option("paths", flags->paths, "Test files, or folders of them")->required()->type_name("PATH");
  command
      ->add_option(
          "--signals", flags->signals,
          "Signal catalogues; without: signals.yaml of the nearest folder above, else the shipped one")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->add_option("--run", flags->only, "Only tests whose name contains this")->type_name("TEXT");
  command->footer(
      "Ends with 1 when a test fails, 78 when a rule or a test can't be read.\n"
      "Examples:\n"
      "  proactived test rules/packs\n"
      "  proactived test rules/packs/sync/sync_silent.test.yaml --run silent");
  command->callback([&chosen, flags] { chosen = [flags] { return run_tests(*flags); }; });
}

}  // namespace proactive::daemon
