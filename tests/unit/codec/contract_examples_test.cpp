// docs/contracts.md shows real records: what it shows as input decodes, what it shows as output is what we write.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "daemon/codec/decision_json.h"
#include "daemon/codec/decode.h"
#include "daemon/codec/outreach_event.h"
#include "tests/unit/codec/example_outreach.h"

namespace proactive::daemon {
namespace {

// The fenced block behind each `<!-- example: name -->`, with line breaks and indentation taken out.
std::map<std::string, std::string> examples() {
  std::ifstream in(std::string(PROACTIVE_SOURCE_DIR) + "/docs/contracts.md");
  std::map<std::string, std::string> found;
  std::string name;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    constexpr std::string_view kMark = "<!-- example: ";
    if (line.starts_with(kMark)) {
      name = line.substr(kMark.size(), line.find(" -->") - kMark.size());
    } else if (line.starts_with("```")) {
      inside = !inside && !name.empty();
      if (!inside) name.clear();
    } else if (inside) {
      found[name] += line.substr(std::min(line.find_first_not_of(' '), line.size()));
    }
  }
  return found;
}

const std::string& example(const std::string& name) {
  static const std::map<std::string, std::string> all = examples();
  const auto known = all.find(name);
  CAPTURE(name);
  REQUIRE(known != all.end());
  return known->second;
}

rules::RuleSet rule_set() {
  rules::RuleSet rules;
  rules.event_types = {"payments.request.error"};
  rules.type_by_name = {{"payments.request.error", rules::TypeIndex{0}}};
  rules.profile_fields = {"plan", "region"};
  return rules;
}

InputEvent decoded(Decoder& decoder, InputRecord record, const std::string& value) {
  static const rules::RuleSet rules = rule_set();
  decoder.use_rules(&rules);
  record.value = value;
  record.appended_at = *parse_rfc3339("2026-11-23T09:40:00Z");
  const Result<InputEvent, DecodeError> event = decoder.decode(record);
  REQUIRE(event.has_value());
  return *event;
}

// The fields that all input examples agree on.
void check_payment_error(const InputEvent& event) {
  REQUIRE(std::holds_alternative<TelemetryEvent>(event));
  const auto& telemetry = std::get<TelemetryEvent>(event);
  CHECK(telemetry.time == *parse_rfc3339("2026-11-23T09:39:58.120Z"));
  CHECK(telemetry.customer == "c_8f41c2");
  CHECK(telemetry.signal == "payments.request.error");
  CHECK(telemetry.entity_type == "integration");
  CHECK(telemetry.entity_id == "stripe-eu");
  CHECK(telemetry.value == 1);
  CHECK(telemetry.kind == SignalKind::count);
  REQUIRE(telemetry.dims.size() == 1);
  CHECK(telemetry.dims[0].name == "region");
}

}  // namespace

TEST_CASE("the telemetry that the contract shows decodes to the same event in each shape") {
  Decoder canonical(config::InputShape::canonical, {}, DecodeLimits{});
  check_payment_error(decoded(canonical, {}, example("canonical")));
  check_payment_error(decoded(canonical, {}, example("structured")));

  InputRecord binary;
  binary.headers = {{"ce_specversion", "1.0"},
                    {"ce_id", "t-7f3a"},
                    {"ce_time", "2026-11-23T09:39:58.120Z"},
                    {"ce_partitionkey", "c_8f41c2"},
                    {"content-type", "application/json"}};
  check_payment_error(decoded(canonical, binary, example("binary")));

  config::FieldMapping mapping;  // as in the YAML beside it
  mapping.fields["event_time"] = {"/ts", {}};
  mapping.fields["customer_id"] = {"/account/id", {}};
  mapping.fields["signal"] = {"", "payments.request.error"};
  mapping.fields["value"] = {"/n", {}};
  mapping.fields["kind"] = {"", "count"};
  mapping.fields["entity_type"] = {"", "integration"};
  mapping.fields["entity_id"] = {"/target", {}};
  mapping.dims["region"] = {"/tags/0/region", {}};
  Decoder own(config::InputShape::fields, mapping, DecodeLimits{});
  check_payment_error(decoded(own, {}, example("own shape")));
}

TEST_CASE("the profile that the contract shows decodes") {
  Decoder decoder(config::InputShape::canonical, {}, DecodeLimits{});
  InputRecord record;
  record.stream = StreamKind::profiles;
  const InputEvent event = decoded(decoder, record, example("profile"));

  REQUIRE(std::holds_alternative<ProfileEvent>(event));
  CHECK(std::get<ProfileEvent>(event).customer == "c_8f41c2");
  CHECK(std::get<ProfileEvent>(event).version == 12);
  CHECK(std::get<ProfileEvent>(event).fields.size() == 6);
}

TEST_CASE("the outreach event and the decision that the contract shows are what the encoders write") {
  const IdentityKey key{config::Secret("test-vector-key")};
  OutreachLedger ledger;
  const Decision decision = decide_outreach(example_decision_facts(), ledger);

  const Result<OutputRecord> event = encode_outreach(example_deployment(), example_facts(), decision, key);
  REQUIRE(event.has_value());
  CHECK(event->value == example("outreach"));

  const Result<OutputRecord> record = encode_decision(example_deployment(), example_facts(), decision, key);
  REQUIRE(record.has_value());
  CHECK(record->value == example("decision"));
}

TEST_CASE("the contract explains every dead letter code, action and reason") {
  std::ifstream in(std::string(PROACTIVE_SOURCE_DIR) + "/docs/contracts.md");
  const std::string page((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto explains = [&](std::string_view word) {
    return page.find("| `" + std::string(word) + "` |") != std::string::npos;
  };
  for (std::size_t i = 0; i < kDecodeCodes; ++i) CHECK(explains(to_string(static_cast<DecodeCode>(i))));
  for (std::size_t i = 0; i < kActions; ++i) CHECK(explains(to_string(static_cast<Action>(i))));
  for (std::size_t i = 0; i < kReasons; ++i) CHECK(explains(to_string(static_cast<Reason>(i))));
}

}  // namespace proactive::daemon
