#include <doctest/doctest.h>

#include "config/loader/load_config.h"
#include "tests/unit/config/fixtures.h"

namespace proactive::config {
namespace {

using test::read_source;
using test::surroundings;

// "# for: run" in the first line loads the file as `run` does.
LoadFor purpose_of(const std::string& text) {
  return text.rfind("# for: run\n", 0) == 0 ? LoadFor::run : LoadFor::replay;
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

TEST_CASE("every bad configuration is refused with exactly the expected findings") {
  const std::vector<std::string> files = test::files_of("tests/data/bad/config", ".yaml");
  REQUIRE(files.size() >= 25);

  for (const std::string& file : files) {
    const std::string text = read_source(file);
    Findings findings;
    const auto config = decode_config(file_name(file), text, findings, surroundings(), purpose_of(text));
    findings.sort();
    const std::string expect_file = file.substr(0, file.size() - 5) + ".expect";
    if (test::is_set("UPDATE_GOLDEN")) test::write_source(expect_file, findings.render_text());

    CAPTURE(file);
    CHECK(!findings.all().empty());
    CHECK(config.has_value() == !findings.has_errors());
    CHECK(findings.render_text() == read_source(expect_file));
  }
}

TEST_CASE("every good configuration loads without a finding, and what it amounts to loads again") {
  const std::vector<std::string> files = test::files_of("tests/data/good/config", ".yaml");
  REQUIRE(files.size() >= 5);

  for (const std::string& file : files) {
    const std::string text = read_source(file);
    Findings findings;
    const auto config = decode_config(file_name(file), text, findings, surroundings(), purpose_of(text));
    CAPTURE(file);
    CHECK(findings.render_text() == "");
    REQUIRE(config);

    const std::string effective = effective_config(*config);
    Findings again;
    // The one thing that is not written out: secrets.
    const auto reloaded =
        decode_config("effective.yaml", effective, again, surroundings({{"<redacted>", {"secret", false}}}));
    CHECK(again.render_text() == "");
    REQUIRE(reloaded);
    CHECK(effective_config(*reloaded) == effective);
  }
}

TEST_CASE("every shipped example loads without a finding") {
  const std::vector<std::string> files = test::files_of("config/examples", ".yaml");
  REQUIRE(files.size() >= 3);

  for (const std::string& file : files) {
    Environment environment = surroundings();
    environment.variables["PROACTIVED_INSTANCE"] = "host-1";
    environment.read_file = [](const std::string&, std::size_t) { return FileBytes{"a secret", false}; };
    const std::string text = read_source(file);
    const bool is_for_run = text.find("brokers:") != std::string::npos;
    Findings findings;
    const auto config =
        decode_config(file, text, findings, environment, is_for_run ? LoadFor::run : LoadFor::replay);
    CAPTURE(file);
    CHECK(findings.render_text() == "");
    CHECK(config.has_value());
  }
}

}  // namespace proactive::config
