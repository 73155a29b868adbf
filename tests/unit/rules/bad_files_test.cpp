// The library of mistakes: every file of tests/data/bad/rules has exactly the findings beside it.
// UPDATE_GOLDEN=1 rewrites them; the diff is reviewed.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rules/engine/load_rules.h"

namespace proactive::rules {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = PROACTIVE_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> yaml_files(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kRoot / folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(fs::relative(entry.path(), kRoot));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A file called signals_* is a catalogue; any other is a rule file over the shipped catalogue.
config::Findings findings_of(const fs::path& file, bool& loaded) {
  config::Findings findings;
  const RuleText text{file.generic_string(), read(kRoot / file), false};
  if (file.filename().string().starts_with("signals_")) {
    loaded = compile_rule_texts({text}, {}, {}, findings) != nullptr;
  } else {
    const RuleText catalogue{"rules/packs/signals.yaml", read(kRoot / "rules/packs/signals.yaml"), false};
    loaded = compile_rule_texts({catalogue}, {text}, {}, findings) != nullptr;
  }
  return findings;
}

TEST_CASE("every bad rule file is told exactly what is wrong with it") {
  const std::vector<fs::path> files = yaml_files("tests/data/bad/rules");
  REQUIRE(files.size() >= 25);
  for (const fs::path& file : files) {
    CAPTURE(file);
    bool loaded = false;
    const config::Findings findings = findings_of(file, loaded);
    const fs::path expect = kRoot / fs::path(file).replace_extension(".expect");

    if (std::getenv("UPDATE_GOLDEN") != nullptr)
      std::ofstream(expect, std::ios::binary) << findings.render_text();

    CHECK_FALSE(findings.all().empty());
    CHECK(loaded == !findings.has_errors());
    CHECK(findings.render_text() == read(expect));
  }
}

TEST_CASE("every good rule file has no findings at all") {
  const std::vector<fs::path> files = yaml_files("tests/data/good/rules");
  REQUIRE_FALSE(files.empty());
  for (const fs::path& file : files) {
    CAPTURE(file);
    bool loaded = false;
    const config::Findings findings = findings_of(file, loaded);

    CHECK(findings.render_text() == "");
    CHECK(loaded);
  }
}

TEST_CASE("the shipped packs load without a finding, and every rule has a test beside it") {
  config::Findings findings;
  LoadOptions options;
  options.signal_files = {(kRoot / "rules/packs/signals.yaml").string()};
  options.pack_paths = {(kRoot / "rules/packs").string()};

  const auto rules = load_rules(options, findings);

  CHECK(findings.render_text() == "");
  REQUIRE(rules != nullptr);
  CHECK(rules->rules.size() >= 10);
  for (const Rule& rule : rules->rules) {
    CAPTURE(rule.name);
    CHECK_FALSE(rule.summary.empty());
    CHECK_FALSE(rule.category.empty());
    CHECK(rule.outreach.has_value());
  }
}

}  // namespace
}  // namespace proactive::rules
