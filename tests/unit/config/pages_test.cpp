#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "config/loader/config_fields.h"
#include "config/loader/finding_codes.h"
#include "config/loader/json_schema.h"
#include "config/loader/load_config.h"
#include "tests/unit/config/fixtures.h"

namespace proactive::config {
namespace {

void check_page(const std::string& path, const std::string& generated) {
  if (test::is_set("UPDATE_DOCS")) test::write_source(path, generated);
  CAPTURE(path);
  INFO("the page differs from the tables that it is generated from; UPDATE_DOCS=1 rewrites it");
  CHECK((test::read_source(path) == generated));
}

template <class Visit>
void visit_fields(const FieldTable& table, const Visit& visit) {
  for (const Field& field : table.fields) {
    visit(table, field);
    if (field.child != nullptr) visit_fields(*field.child, visit);
  }
}

}  // namespace

TEST_CASE("the generated pages are those that are checked in") {
  check_page("docs/configuration.md", config_reference_markdown());
  check_page("docs/configuration.schema.json", config_json_schema());
  check_page("docs/errors.md", finding_codes_markdown());
  check_page("config/defaults/proactived.yaml", default_config_yaml());
}

TEST_CASE("every key has a sentence, and a default or an example") {
  visit_fields(config_table(), [](const FieldTable& table, const Field& field) {
    if (field.need == Need::later) return;
    CAPTURE(table.what);
    CAPTURE(field.key);
    CHECK(field.doc.size() > 10);
    CHECK(field.doc.back() == '.');
    CHECK((field.child != nullptr || !field.default_text.empty() || !field.example.empty()));
    CHECK((field.kind != FieldKind::choice || !field.choices.empty()));
  });
}

TEST_CASE("the defaults name every key of the field tables") {
  const std::string defaults = test::read_source("config/defaults/proactived.yaml");
  visit_fields(config_table(), [&](const FieldTable&, const Field& field) {
    CAPTURE(field.key);
    const bool is_named = defaults.find(" " + std::string(field.key) + ":") != std::string::npos ||
                          defaults.find("\n" + std::string(field.key) + ":") != std::string::npos;
    CHECK(is_named == (field.need != Need::later));
  });
}

TEST_CASE("finding codes are unique, sorted in classes, and say what is wrong and what to do") {
  std::set<std::string_view> numbers;
  char last_class = '1';
  for (const FindingCode& entry : finding_codes()) {
    CAPTURE(entry.code);
    REQUIRE(entry.code.size() == 4);
    CHECK((entry.code[0] == 'E' || entry.code[0] == 'W'));
    CHECK(numbers.insert(entry.code.substr(1)).second);  // E and W share the numbers
    CHECK(entry.code[1] >= last_class);
    last_class = entry.code[1];
    CHECK(entry.sentence.back() == '.');
    CHECK(entry.remedy.back() == '.');
  }
  CHECK(is_finding_code("E101"));
  CHECK(!is_finding_code("E999"));
}

TEST_CASE("every code of the configuration has a fixture that raises it") {
  std::string all;
  for (const std::string& file : test::files_of("tests/data/bad/config", ".expect"))
    all += test::read_source(file);
  for (const FindingCode& entry : finding_codes()) {
    const bool is_of_rules =
        entry.code[1] > '3' || (entry.code[1] == '3' && entry.code[2] == '0' && entry.code[3] > '3');
    if (is_of_rules || entry.code == "E204") continue;
    CAPTURE(entry.code);
    CHECK(all.find("[" + std::string(entry.code) + "]") != std::string::npos);
  }
}

TEST_CASE("the schema allows exactly the keys of the tables, at every level") {
  const nlohmann::json schema = nlohmann::json::parse(config_json_schema());

  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  CHECK(schema["additionalProperties"] == false);
  const nlohmann::json& kafka = schema["properties"]["kafka"];
  CHECK(kafka["additionalProperties"] == false);
  CHECK(kafka["properties"].contains("brokers"));
  CHECK(!kafka["properties"].contains("roles"));  // later
  CHECK(!kafka["properties"]["inputs"]["properties"].contains("tickets"));
  CHECK(kafka["properties"]["sasl"]["required"] == nlohmann::json::array({"mechanism"}));
}

}  // namespace proactive::config
