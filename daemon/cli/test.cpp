#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/rule_test_run.h"
#include "daemon/cli/rule_test_suite.h"
#include "daemon/cli/share_paths.h"

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

void run_suite(const std::string& name, const TestFlags& flags, Tally& tally) {
  config::Findings findings, of_rules;
  const std::optional<RuleTestSuite> suite =
      load_rule_tests(name, flags.signals.empty() ? signals_near(name) : flags.signals, findings, of_rules);
  findings.sort();
  std::cerr << findings.render_text();
  if (of_rules.has_errors()) {  // a rule's warnings are for `check`
    of_rules.sort();
    std::cerr << of_rules.render_text();
  }
  if (!suite) {
    tally.unreadable = true;
    return;
  }
  for (const rules::TestCase& test : suite->file.tests) {
    if (test.name.find(flags.only) == std::string::npos) continue;
    const std::vector<rules::TestRecord> records = rules::records_of(test, suite->catalogue);
    const std::vector<UnmetExpectation> unmet = run_rule_test(test, records, suite->rules);
    std::cout << fmt::format("{} {}: {}\n", unmet.empty() ? "ok  " : "FAIL", name, test.name);
    for (const UnmetExpectation& expectation : unmet) {
      std::cout << fmt::format("     {}:{}: {}\n", name, expectation.place.line, expectation.sentence);
    }
    ++(unmet.empty() ? tally.passed : tally.failed);
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
