// The library of refused records: each with its exact code, field and byte.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/codec/decode.h"

namespace proactive::daemon {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

struct Expectation {
  std::map<std::string, std::string> words;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string word(const std::string& name, const std::string& otherwise) const {
    const auto found = words.find(name);
    return found == words.end() ? otherwise : found->second;
  }
};

Expectation read_expectation(const fs::path& path) {
  Expectation expectation;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    REQUIRE(colon != std::string::npos);
    const std::string name = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    const std::size_t equals = value.find('=');
    if (name == "header") {
      expectation.headers.push_back({value.substr(0, equals), value.substr(equals + 1)});
    } else {
      expectation.words[name] = value;
    }
  }
  return expectation;
}

rules::RuleSet rule_set() {
  rules::RuleSet rules;
  rules.event_types = {"api_request"};
  rules.type_by_name = {{"api_request", rules::TypeIndex{0}}};
  rules.profile_fields = {"plan"};
  return rules;
}

config::FieldMapping mapping() {
  config::FieldMapping mapping;
  mapping.fields["event_time"] = {"/ts", {}};
  mapping.fields["customer_id"] = {"/account/id", {}};
  mapping.fields["signal"] = {"/metric", {}};
  mapping.fields["value"] = {"/reading", {}};
  return mapping;
}

std::string said(const Result<InputEvent, DecodeError>& result) {
  if (result) return "accepted";
  const DecodeError& error = result.error();
  std::string text = "code: " + std::string(to_string(error.code)) + "\n";
  if (!error.field.empty()) text += "field: " + std::string(error.field) + "\n";
  return text + "byte: " + std::to_string(error.byte);
}

}  // namespace

TEST_CASE("every record of the bad library is refused with its code, field and byte") {
  const fs::path folder = fs::path(PROACTIVE_SOURCE_DIR) / "tests/data/bad/records";
  const rules::RuleSet rules = rule_set();
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".record") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 25);

  std::set<std::string> codes;
  for (const fs::path& file : files) {
    CAPTURE(file.filename().string());
    const std::string value = read_file(file);
    const Expectation expected = read_expectation(fs::path(file).replace_extension(".expect"));
    DecodeLimits limits;
    limits.max_record_bytes = std::stoul(expected.word("max_record_bytes", "1048576"));
    const bool mapped = expected.word("shape", "canonical") == "fields";
    Decoder decoder(mapped ? config::InputShape::fields : config::InputShape::canonical, mapping(), limits);
    decoder.use_rules(&rules);

    InputRecord record;
    record.stream =
        expected.word("stream", "telemetry") == "profiles" ? StreamKind::profiles : StreamKind::telemetry;
    record.appended_at = *parse_rfc3339("2026-11-23T09:41:00Z");
    record.value = value;
    record.tombstone = expected.word("tombstone", "no") == "yes";
    record.key = expected.word("key", "") == "\\xff" ? std::string_view("\xff") : std::string_view();
    for (const auto& [name, text] : expected.headers) record.headers.push_back({name, text});
    const Result<InputEvent, DecodeError> result = decoder.decode(record);

    std::string wanted = "code: " + expected.word("code", "?") + "\n";
    if (expected.words.contains("field")) wanted += "field: " + expected.word("field", "") + "\n";
    wanted += "byte: " + expected.word("byte", "?");
    CHECK(said(result) == wanted);
    codes.insert(expected.word("code", "?"));
  }

  for (std::size_t i = 0; i < kDecodeCodes; ++i) {
    const std::string code(to_string(static_cast<DecodeCode>(i)));
    CAPTURE(code);
    CHECK(codes.contains(code));
  }
}

TEST_CASE("a refusal is described in one line that never repeats the record") {
  const std::string text = describe({DecodeCode::personal_id, "customer_id", 52});

  CHECK(text ==
        "customer_id: looks like an e-mail address or a phone number; use a pseudonymous id (byte 52)");
  CHECK(describe({DecodeCode::bad_json, {}, -1}) == "record: not valid JSON");
  CHECK(describe({DecodeCode::bad_type, std::string(1000, 'f'), 5}).size() <= 256);
}

}  // namespace proactive::daemon
