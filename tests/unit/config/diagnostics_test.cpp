#include "config/loader/diagnostics.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace proactive::config {

TEST_CASE("a finding shows place, code, words, way out, the line and what is meant in it") {
  Findings findings;
  findings.add_source("api.yaml", "first\n  - { unusual: hi }\n");
  findings.add("E301", {"api.yaml", 2, 16, 2}, "unknown value 'hi'", "did you mean 'high'?");

  CHECK(findings.render_text() ==
        "api.yaml:2:16: error[E301]: unknown value 'hi' - did you mean 'high'?\n"
        "    2 |   - { unusual: hi }\n"
        "      |                ^~\n");
}

TEST_CASE("the underline stands under its text behind tabs and wide letters, and ends with the line") {
  Findings findings;
  findings.add_source("f", "\tgrün: x\n");
  findings.add("W106", {"f", 1, 8, 99}, "text");

  CHECK(findings.render_text() ==
        "f:1:8: warning[W106]: text\n"
        "    1 | \tgrün: x\n"
        "      | \t      ^\n");
}

TEST_CASE("a long line is shown around the finding") {
  Findings findings;
  findings.add_source("f", std::string(5000, 'a') + "HERE" + std::string(5000, 'b'));
  findings.add("E101", {"f", 1, 5001, 4}, "text");
  const std::string text = findings.render_text();

  CHECK(text.size() < 500);
  CHECK(text.find("HERE") != std::string::npos);
  CHECK(text.find("^~~~\n") != std::string::npos);
}

TEST_CASE("a finding without a line names its file alone") {
  Findings findings;
  findings.add("E310", {"gone.yaml", 0, 0, 1}, "the file can't be read");

  CHECK(findings.render_text() == "gone.yaml: error[E310]: the file can't be read\n");
}

TEST_CASE("what a file holds can't command the terminal that shows its findings") {
  Findings findings;
  findings.add_source("f", "a: \x1B[2J\xFF\n");
  findings.add("E111", {"f", 1, 4, 1}, "found \x1B[2J", "not\x07");
  const std::string text = findings.render_text();

  CHECK(text.find('\x1B') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find('\xFF') == std::string::npos);
  CHECK(nlohmann::json::parse(findings.render_json()).size() == 1);
}

TEST_CASE("findings sort by file, line, column and code, and count by level") {
  Findings findings;
  findings.add("W504", {"b", 1, 1, 1}, "4");
  findings.add("E301", {"a", 10, 1, 1}, "3");
  findings.add("E302", {"a", 9, 2, 1}, "2");
  findings.add("E201", {"a", 9, 2, 1}, "1");
  findings.sort();

  std::string order;
  for (const Finding& finding : findings.all()) order += finding.message;
  CHECK(order == "1234");
  CHECK(findings.errors() == 3);
  CHECK(findings.warnings() == 1);
  CHECK(findings.has_errors());
}

TEST_CASE("findings as JSON carry the place, the end of the text and the page") {
  Findings findings;
  findings.add("E201", {"a.yaml", 3, 5, 4}, "unknown key \"x\"", "did you mean 'y'?");
  const nlohmann::json json = nlohmann::json::parse(findings.render_json());

  REQUIRE(json.size() == 1);
  CHECK(json[0]["code"] == "E201");
  CHECK(json[0]["severity"] == "error");
  CHECK(json[0]["file"] == "a.yaml");
  CHECK(json[0]["line"] == 3);
  CHECK(json[0]["column"] == 5);
  CHECK(json[0]["end_column"] == 9);
  CHECK(json[0]["message"] == "unknown key \"x\"");
  CHECK(json[0]["suggestion"] == "did you mean 'y'?");
  CHECK(json[0]["doc"] == "docs/errors.md#e201");
}

TEST_CASE("did-you-mean finds one slip in short names and two in long ones, and else keeps quiet") {
  const std::vector<std::string_view> legal = {"inhibited_by", "for", "above", "below", "keep_firing_for"};
  struct Row {
    const char* wrong;
    const char* nearest;
  };
  const Row rows[] = {
      {"inhibted_by", "inhibited_by"},          // a letter missing
      {"inhibtied_by", "inhibited_by"},         // two swapped: one slip
      {"keep_fireing_fro", "keep_firing_for"},  // one too many, and two swapped
      {"abvoe", "above"},                       // a swap in a short name
      {"fro", "for"},                           // a swap in a very short one
      {"velow", "below"},                       // one replaced
      {"velov", ""},                            // two replaced in five letters: too far
      {"f", ""},                                // no guess from a single letter
      {"", ""},                                 // nor from none
      {"threshold", ""},                        // nothing near
      {"for", ""},                              // right already
  };
  for (const Row& row : rows) {
    CAPTURE(row.wrong);
    CHECK(did_you_mean(row.wrong, legal) == row.nearest);
  }
}

}  // namespace proactive::config
