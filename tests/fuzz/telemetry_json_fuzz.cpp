// Any bytes as a telemetry record, in each shape: an event that keeps its promises, or a refusal with a place in the
// record; never a crash. What is accepted is JSON for another parser too, and the flat reader says what the indexing one
// says. The first byte chooses shape and headers.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "daemon/codec/decode.h"
#include "models/base/check.h"
#include "tests/support/same_decoding.h"
#include "tests/support/strict_json.h"

namespace {

using namespace proactive;
using namespace proactive::daemon;

const rules::RuleSet& rule_set() {
  static const rules::RuleSet rules = [] {
    rules::RuleSet built;
    built.event_types = {"api_request", "a"};
    built.type_by_name = {{"api_request", rules::TypeIndex{0}}, {"a", rules::TypeIndex{1}}};
    return built;
  }();
  return rules;
}

Decoder make_decoder(config::InputShape shape) {
  config::FieldMapping mapping;
  mapping.fields["event_time"] = {"/ts", {}};
  mapping.fields["customer_id"] = {"/account/id", {}};
  mapping.fields["signal"] = {"/metric", {}};
  mapping.fields["value"] = {"/readings/1", {}};
  mapping.fields["event_id"] = {"/id", {}};
  mapping.fields["entity_type"] = {"", "device"};
  mapping.fields["entity_id"] = {"/account/device", {}};
  mapping.dims["region"] = {"/tags/a~1b", {}};
  mapping.dims["account"] = {"/account/id", {}};
  Decoder decoder(shape, mapping, DecodeLimits{});
  decoder.use_rules(&rule_set());
  return decoder;
}

void check_id(std::string_view id) {
  PROACTIVE_CHECK(!id.empty() && id.size() <= 256);
  PROACTIVE_CHECK(simdjson::validate_utf8(id.data(), id.size()));
  for (const char c : id) PROACTIVE_CHECK(static_cast<unsigned char>(c) >= 0x20);
}

void check_event(const TelemetryEvent& event) {
  check_id(event.customer);
  check_id(event.signal);
  PROACTIVE_CHECK(event.entity_type.empty() == event.entity_id.empty());
  if (!event.entity_type.empty()) check_id(event.entity_type);
  if (!event.entity_id.empty()) check_id(event.entity_id);
  PROACTIVE_CHECK(std::isfinite(event.value));
  PROACTIVE_CHECK(event.id_hash != 0);
  PROACTIVE_CHECK(event.time >= Timestamp{});
  PROACTIVE_CHECK(event.dims.size() <= 32);
  for (const Dim& dim : event.dims) {
    if (const auto* number = std::get_if<double>(&dim.value)) PROACTIVE_CHECK(std::isfinite(*number));
    if (const auto* text = std::get_if<std::string_view>(&dim.value)) PROACTIVE_CHECK(text->size() <= 256);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Decoder canonical = make_decoder(config::InputShape::canonical);
  static Decoder mapped = make_decoder(config::InputShape::fields);
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  // On the heap with its exact size, so that a read beyond the end shows.
  const std::string value(reinterpret_cast<const char*>(data) + 1, size - 1);

  InputRecord record;
  record.appended_at = *parse_rfc3339("2026-11-23T09:41:00Z");
  record.value = value;
  if ((choice & 2) != 0) record.headers.push_back({"content-type", "application/cloudevents+json"});
  if ((choice & 4) != 0) {
    record.headers.push_back({"ce_specversion", "1.0"});
    record.headers.push_back({"ce_time", "2026-11-23T09:39:58Z"});
    record.headers.push_back({"ce_partitionkey", "c_1"});
  }
  Decoder& decoder = (choice & 1) != 0 ? mapped : canonical;
  const Result<InputEvent, DecodeError> decoded = decoder.decode(record);
  if ((choice & 1) == 0) {
    static Decoder indexing = [] {
      Decoder one = make_decoder(config::InputShape::canonical);
      one.use_flat_reader(false);
      return one;
    }();
    PROACTIVE_CHECK(test::difference(decoded, indexing.decode(record)).empty());
  }

  if (!decoded) {
    PROACTIVE_CHECK(decoded.error().byte >= -1 &&
                    decoded.error().byte <= static_cast<std::int64_t>(value.size()));
    PROACTIVE_CHECK(describe(decoded.error()).size() <= 256);
    return 0;
  }
  if (const auto* event = std::get_if<TelemetryEvent>(&*decoded)) {
    check_event(*event);
    const bool framed = value.size() >= 5 && value.front() == '\0';
    PROACTIVE_CHECK(test::is_json(std::string_view(value).substr(framed ? 5 : 0)));
    const std::uint32_t hash = event->id_hash;
    const Result<InputEvent, DecodeError> again = decoder.decode(record);
    PROACTIVE_CHECK(again && std::get<TelemetryEvent>(*again).id_hash == hash);
  }
  return 0;
}
