// The flat reader against the indexing one, on records as they come and on damaged ones.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "daemon/codec/decode.h"
#include "tests/support/same_decoding.h"

namespace proactive::daemon {
namespace {

const std::vector<std::string> kRecords = {
    R"({"event_id":"t-7f3a91c2","event_time":"2026-11-23T09:39:58.120Z","customer_id":"c_8f41c2","signal":"api_request","value":41.5,"kind":"gauge","dims":{"region":"eu-1","status":200,"beta":true,"none":null}})",
    R"({ "signal" : "battery" , "customer_id" : "c1", "event_time" : 1795426798, "value": -0.5e+3, "entity": { "type": "device", "id": "d-1", "x": 2 } } )",
    R"({"customer_id":"Zoë’s café","signal":"battery","event_time":1795426798,"value":1,"unit":"°C","dims":{}})",
    R"({"customer_id":"c1","signal":"nobody_uses_this","event_time":1795426798,"value":1,"dims":{"a":"b"}})",
    R"({"customer_id":"c1","customer_id":"c2","signal":"battery","signal":"x","event_time":1795426798,"value":1,"value":"2"})",
    R"({"customer_id":"c1","signal":"battery","event_time":1795426798,"value":1,"extra":{"deep":[1,2,{"x":[]}]}})",
    R"({"customer_id":"c\u0031","signal":"battery","event_time":1795426798,"value":1,"note":"tab\there"})",
    R"({"customer_id":"c1","signal":"battery","event_time":1795426798,"kind":"event","entity":null,"dims":null})",
    R"({"customer_id":"c1","signal":"battery","event_time":1795426798,"value":1,"entity":{},"dims":{"a":1,"a":2,"b":{}}})",
    R"({"specversion":"1.0","id":"t1","source":"/a","type":"telemetry","time":"2026-11-23T09:39:58Z","data":{"customer_id":"c1","signal":"battery","value":1}})",
    R"({})"};

std::string damaged(std::string text, std::mt19937_64& random) {
  constexpr char kPieces[] = {'"', '\\', '{', '}', '[', ']', ',',  ':',  '0',    '-',    '.',
                              'e', ' ',  't', 'n', 'x', '9', '\n', '\0', '\x80', '\xc3', '\x1f'};
  const auto piece = [&] { return kPieces[random() % sizeof kPieces]; };
  for (std::uint64_t faults = random() % 3; faults-- > 0 && !text.empty();) {
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0:
        text[at] = piece();
        break;
      case 1:
        text.insert(at, 1, piece());
        break;
      case 2:
        text.erase(at, 1 + random() % 4);
        break;
      case 3:
        text.resize(at);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 20));
    }
  }
  return text;
}

TEST_CASE("the flat reader says what the indexing reader says") {
  rules::RuleSet rules;
  rules.event_types = {"api_request", "battery"};
  rules.type_by_name = {{"api_request", rules::TypeIndex{0}}, {"battery", rules::TypeIndex{1}}};
  Decoder flat(config::InputShape::canonical, {}, DecodeLimits{});
  Decoder indexing(config::InputShape::canonical, {}, DecodeLimits{});
  indexing.use_flat_reader(false);
  flat.use_rules(&rules);
  indexing.use_rules(&rules);

  std::mt19937_64 random(7);
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string value = damaged(kRecords[random() % kRecords.size()], random);
    InputRecord record;
    record.appended_at = *parse_rfc3339("2026-11-23T09:41:00Z");
    record.value = value;
    const Result<InputEvent, DecodeError> one = flat.decode(record);
    const std::string found = test::difference(one, indexing.decode(record));
    (one ? accepted : refused) += 1;
    if (found.empty()) continue;
    CAPTURE(value);
    CHECK(found == "");
  }
  CHECK(accepted > 20'000);
  CHECK(refused > 20'000);
}

}  // namespace
}  // namespace proactive::daemon
