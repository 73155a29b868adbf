#include "daemon/codec/decode.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::string_view text) { return *parse_rfc3339(text); }

rules::RuleSet rule_set() {
  rules::RuleSet rules;
  rules.event_types = {"api_request", "battery"};
  rules.type_by_name = {{"api_request", rules::TypeIndex{0}}, {"battery", rules::TypeIndex{1}}};
  rules.profile_fields = {"plan"};
  return rules;
}

// A decoder with its rules, and one record at a time.
struct Decoding {
  explicit Decoding(config::InputShape shape = config::InputShape::canonical,
                    config::FieldMapping mapping = {})
      : decoder(shape, std::move(mapping), DecodeLimits{}) {
    decoder.use_rules(&rules);
    record.appended_at = at("2026-11-23T09:41:00Z");
  }

  Result<InputEvent, DecodeError> of(std::string value) {
    bytes = std::move(value);
    record.value = bytes;
    return decoder.decode(record);
  }
  TelemetryEvent event(std::string value) {
    const Result<InputEvent, DecodeError> decoded = of(std::move(value));
    const std::string refusal = decoded ? "" : describe(decoded.error());
    REQUIRE(refusal == "");
    REQUIRE(std::holds_alternative<TelemetryEvent>(*decoded));
    return std::get<TelemetryEvent>(*decoded);
  }
  ProfileEvent profile(std::string value) {
    record.stream = StreamKind::profiles;
    const Result<InputEvent, DecodeError> decoded = of(std::move(value));
    REQUIRE(decoded.has_value());
    REQUIRE(std::holds_alternative<ProfileEvent>(*decoded));
    return std::get<ProfileEvent>(*decoded);
  }
  bool is_unused(std::string value) {
    const Result<InputEvent, DecodeError> decoded = of(std::move(value));
    return decoded && std::holds_alternative<UnusedSignal>(*decoded);
  }
  std::string refusal(std::string value) {
    const Result<InputEvent, DecodeError> decoded = of(std::move(value));
    if (decoded) return "accepted";
    return std::string(to_string(decoded.error().code)) + " " + std::string(decoded.error().field);
  }

  rules::RuleSet rules = rule_set();
  Decoder decoder;
  std::string bytes;
  InputRecord record;
};

// `dims` as text, in order.
std::string dims_of(std::span<const Dim> dims) {
  std::string text;
  for (const Dim& dim : dims) {
    if (!text.empty()) text += ' ';
    text += std::string(dim.name) + '=';
    if (const auto* words = std::get_if<std::string_view>(&dim.value)) text += std::string(*words);
    if (const auto* number = std::get_if<double>(&dim.value)) text += std::to_string(*number);
    if (const auto* truth = std::get_if<bool>(&dim.value)) text += *truth ? "yes" : "no";
  }
  return text;
}

const std::string kMinimal =
    R"({"event_time":"2026-11-23T09:39:58.120Z","customer_id":"c_1","signal":"api_request","value":1})";

config::FieldSource pointer(std::string path) { return {std::move(path), {}}; }
config::FieldSource constant(std::string value) { return {"", std::move(value)}; }

config::FieldMapping mapping() {
  config::FieldMapping mapping;
  mapping.fields["event_time"] = pointer("/ts");
  mapping.fields["customer_id"] = pointer("/account/id");
  mapping.fields["signal"] = constant("api_request");
  mapping.fields["value"] = pointer("/readings/1");
  return mapping;
}

}  // namespace

// ---- canonical ------------------------------------------------------------------------------------------------------

TEST_CASE("every canonical field arrives") {
  Decoding decoding;

  const TelemetryEvent event = decoding.event(
      R"({"event_id":"t-7f3a","event_time":"2026-11-23T10:39:58.120+01:00","customer_id":"c_8f41c2",)"
      R"("signal":"battery","entity":{"type":"integration","id":"stripe-eu"},"value":-1.25e1,"unit":"ms",)"
      R"("kind":"cumulative","dims":{"region":"eu-1","status":503,"retry":true,"none":null}})");

  CHECK(event.time == at("2026-11-23T09:39:58.120Z"));
  CHECK(event.customer == "c_8f41c2");
  CHECK(event.signal == "battery");
  CHECK(event.type == 1);
  CHECK(event.entity_type == "integration");
  CHECK(event.entity_id == "stripe-eu");
  CHECK(event.value == -12.5);
  CHECK(event.unit == "ms");
  CHECK(event.kind == SignalKind::cumulative);
  CHECK(dims_of(event.dims) == "region=eu-1 status=503.000000 retry=yes");
}

TEST_CASE("what is left out has its default, and null is left out") {
  Decoding decoding;

  const TelemetryEvent event = decoding.event(
      R"({"event_time":1795426798,"customer_id":"c_1","signal":"api_request","value":2,"kind":null,"dims":null,)"
      R"("entity":null,"unit":null,"event_id":null,"colour":{"nested":[1,{"deep":null}]}})");

  CHECK(event.kind == SignalKind::gauge);
  CHECK(event.unit == "1");
  CHECK(event.entity_type.empty());
  CHECK(event.dims.empty());
}

TEST_CASE("an event needs no value and counts as one") {
  Decoding decoding;

  const TelemetryEvent event = decoding.event(
      R"({"event_time":1795426798,"customer_id":"c_1","signal":"api_request","kind":"event"})");

  CHECK(event.kind == SignalKind::event);
  CHECK(event.value == 1);
}

TEST_CASE("times are RFC 3339 with an offset, or epoch seconds or milliseconds as an integer") {
  struct Row {
    std::string written;
    std::string_view meant;
  };
  const Row rows[] = {
      {R"("2026-11-23T09:39:58Z")", "2026-11-23T09:39:58Z"},
      {R"("2026-11-23T04:39:58.25-05:00")", "2026-11-23T09:39:58.250Z"},
      {"1795426798", "2026-11-23T09:39:58Z"},
      {"1795426798120", "2026-11-23T09:39:58.120Z"},  // from 1e11 on: milliseconds
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    Decoding decoding;
    const TelemetryEvent event = decoding.event(R"({"event_time":)" + row.written +
                                                R"(,"customer_id":"c","signal":"api_request","value":1})");
    CHECK(event.time == at(row.meant));
  }
}

TEST_CASE("numbers keep their value to the last bit") {
  struct Row {
    std::string written;
    double meant;
  };
  const Row rows[] = {
      {"0", 0.0},
      {"-0.5", -0.5},
      {"123456789012345", 123456789012345.0},          // 15 digits: the short way
      {"1234567890123456789", 1234567890123456789.0},  // beyond it
      {"0.1", 0.1},
      {"0.30000000000000004", 0.30000000000000004},
      {"2.2250738585072014e-308", 2.2250738585072014e-308},
      {"1e-400", 0.0},  // too small is zero, not a fault
      {"1E5", 1e5},
      {"9007199254740993", 9007199254740992.0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    Decoding decoding;
    CHECK(decoding
              .event(R"({"event_time":1795426798,"customer_id":"c","signal":"api_request","value":)" +
                     row.written + "}")
              .value == row.meant);
  }
}

TEST_CASE("escapes are read in names and values") {
  Decoding decoding;

  const TelemetryEvent event = decoding.event(
      R"({"event_time":1795426798,"customer\u005fid":"c\u00e91","si\u0067nal":"api\u005frequest","value":1,)"
      R"("dims":{"a\"b":"\ud83d\ude00"}})");

  CHECK(event.customer == "cé1");
  CHECK(event.signal == "api_request");
  CHECK(dims_of(event.dims) == "a\"b=😀");
}

TEST_CASE("of duplicate keys the first one wins") {
  Decoding decoding;

  const TelemetryEvent event = decoding.event(
      R"({"event_time":1795426798,"customer_id":"first","signal":"api_request","value":1,"customer_id":"second",)"
      R"("signal":"nobody_uses_this","value":2,"dims":{"a":1,"a":2},"dims":{"b":3},)"
      R"("entity":{"type":"t","id":"1","id":"2"},"entity":{"type":"u","id":"3"}})");

  CHECK(event.customer == "first");
  CHECK(event.value == 1);
  CHECK(dims_of(event.dims) == "a=1.000000");
  CHECK(event.entity_type == "t");
  CHECK(event.entity_id == "1");
}

TEST_CASE("the customer named as an entity is the customer itself") {
  Decoding decoding;

  const TelemetryEvent event =
      decoding.event(R"({"event_time":1795426798,"customer_id":"c_1","signal":"api_request","value":1,)"
                     R"("entity":{"type":"customer","id":"c_1"}})");

  CHECK(event.entity_type.empty());
  CHECK(event.entity_id.empty());
}

TEST_CASE("a plain number is a customer id, a telephone number or an e-mail address is not") {
  struct Row {
    std::string_view id;
    bool accepted;
  };
  const Row rows[] = {
      {"4930123456", true},                             // digits alone are how many systems number customers
      {"2024-001-0003", true},                          // grouped, but not as a telephone number is
      {"0030-000-00001", true},      {"c@home", true},  // an at sign without a domain
      {"@handle.name", true},        {"jo@example.com", false}, {"jo+tag@mail.example.co", false},
      {"+49 (0)30 1234-567", false}, {"+4930123456", false},    {"(555) 123-4567", false},
      {"555-123-4567", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.id);
    Decoding decoding;
    const Result<InputEvent, DecodeError> decoded =
        decoding.of(R"({"event_time":1795426798,"customer_id":")" + std::string(row.id) +
                    R"(","signal":"api_request","value":1})");
    CHECK(decoded.has_value() == row.accepted);
    if (!decoded) CHECK(decoded.error().code == DecodeCode::personal_id);
  }
}

TEST_CASE("personal ids pass when the deployment says so") {
  DecodeLimits limits;
  limits.refuse_personal_ids = false;
  Decoding decoding;
  decoding.decoder = Decoder(config::InputShape::canonical, {}, limits);
  decoding.decoder.use_rules(&decoding.rules);

  CHECK(decoding
            .event(R"({"event_time":1795426798,"customer_id":"jo@example.com","signal":"battery","value":1})")
            .customer == "jo@example.com");
}

TEST_CASE("five minutes ahead of the record's own timestamp is not the future") {
  Decoding decoding;
  CHECK(decoding
            .event(R"({"event_time":"2026-11-23T09:46:00Z","customer_id":"c","signal":"battery","value":1})")
            .time == at("2026-11-23T09:46:00Z"));

  decoding.record.appended_at = kNever;  // a source that does not know
  CHECK(decoding
            .event(R"({"event_time":"2030-01-01T00:00:00Z","customer_id":"c","signal":"battery","value":1})")
            .time == at("2030-01-01T00:00:00Z"));
}

TEST_CASE("an event's identity is its id, and without one its time and bytes") {
  Decoding decoding;
  const auto hash_of = [&](const std::string& id, const std::string& value) {
    const std::string start = id.empty() ? "{" : R"({"event_id":")" + id + R"(",)";
    return decoding
        .event(start + R"("event_time":1795426798,"customer_id":"c","signal":"battery","value":)" + value +
               "}")
        .id_hash;
  };

  CHECK(hash_of("t-1", "1") == hash_of("t-1", "2"));
  CHECK(hash_of("t-1", "1") != hash_of("t-2", "1"));
  CHECK(hash_of("", "1") == hash_of("", "1"));
  CHECK(hash_of("", "1") != hash_of("", "2"));
}

// ---- signals that no rule uses --------------------------------------------------------------------------------------

TEST_CASE("a signal that no rule uses is dropped before the rest is looked at") {
  Decoding decoding;

  CHECK(decoding.is_unused(R"({"signal":"page_viewed"})"));
  CHECK(decoding.is_unused(R"({"signal":"page_viewed","event_time":"nonsense","value":{})"));
  CHECK(decoding.is_unused(R"({"dims":{"too":["deep"]},"customer_id":5,"signal":"page_viewed"})"));
  CHECK(decoding.is_unused(R"({"specversion":"1.0","data":{"signal":"page_viewed"}})"));
}

TEST_CASE("what is broken before an unused signal is refused all the same") {
  Decoding decoding;

  CHECK(decoding.refusal(R"({"dims":{"a":nope},"signal":"page_viewed"})") == "bad_json ");
  CHECK(decoding.refusal(R"({"a":"b":1,"signal":"page_viewed"})") == "bad_json ");
}

TEST_CASE("without rules no signal is used, and new rules count from the next record") {
  Decoding decoding;
  decoding.decoder.use_rules(nullptr);
  CHECK(decoding.is_unused(kMinimal));

  decoding.decoder.use_rules(&decoding.rules);
  CHECK(decoding.event(kMinimal).type == 0);
}

// ---- CloudEvents ----------------------------------------------------------------------------------------------------

TEST_CASE("a structured CloudEvent lends its id, time and partition key to what data leaves out") {
  const std::string event =
      R"({"specversion":"1.0","id":"e-1","source":"/app","type":"telemetry","time":"2026-11-23T09:39:58Z",)"
      R"("partitionkey":"c_1","datacontenttype":"application/json","data":{"signal":"battery","value":7}})";
  const std::string data_first =
      R"({"data":{"signal":"battery","value":7},"time":"2026-11-23T09:39:58Z","id":"e-1","partitionkey":"c_1",)"
      R"("specversion":"1.0"})";
  struct Row {
    std::string value;
    std::string_view content_type;
  };
  const Row rows[] = {
      {event, ""},  // told by its specversion
      {event, "application/cloudevents+json; charset=UTF-8"},
      {event, "Application/CloudEvents+JSON"},  // in any case
      {data_first, ""},                         // members have no order
      {data_first, "application/cloudevents+json"},
  };
  std::vector<std::uint32_t> hashes;
  for (const Row& row : rows) {
    CAPTURE(row.value);
    Decoding decoding;
    if (!row.content_type.empty()) decoding.record.headers.push_back({"content-type", row.content_type});
    const TelemetryEvent decoded = decoding.event(row.value);
    CHECK(decoded.time == at("2026-11-23T09:39:58Z"));
    CHECK(decoded.customer == "c_1");
    CHECK(decoded.value == 7);
    hashes.push_back(decoded.id_hash);
  }
  CHECK(hashes == std::vector<std::uint32_t>(hashes.size(), hashes.front()));
}

TEST_CASE("what data says itself stands before the envelope") {
  Decoding decoding;

  const TelemetryEvent event = decoding.event(
      R"({"specversion":"1.0","id":"e-1","time":"2026-01-01T00:00:00Z","partitionkey":"other","data":{"event_id":"t-1",)"
      R"("event_time":"2026-11-23T09:39:58Z","customer_id":"c_1","signal":"battery","value":7}})");

  CHECK(event.customer == "c_1");
  CHECK(event.time == at("2026-11-23T09:39:58Z"));
}

TEST_CASE("a binary CloudEvent has its attributes in headers") {
  Decoding decoding;
  decoding.record.headers = {{"ce_specversion", "1.0"},
                             {"ce_id", "e-1"},
                             {"ce_time", "2026-11-23T09:39:58Z"},
                             {"ce_partitionkey", "c_1"},
                             {"content-type", "application/json"}};

  const TelemetryEvent event = decoding.event(R"({"signal":"battery","value":7})");

  CHECK(event.customer == "c_1");
  CHECK(event.time == at("2026-11-23T09:39:58Z"));
}

TEST_CASE("a schema registry's five bytes in front are passed over") {
  Decoding decoding;

  CHECK(decoding.event(std::string("\0\0\0\0\7", 5) + kMinimal).customer == "c_1");
}

// ---- field mapping --------------------------------------------------------------------------------------------------

TEST_CASE("a team's own JSON is read by pointers and constants") {
  config::FieldMapping fields = mapping();
  fields.fields["entity_type"] = constant("meter");
  fields.fields["entity_id"] = pointer("/meter");
  fields.fields["kind"] = constant("delta");
  fields.fields["unit"] = pointer("/unit~1of~0power");
  fields.dims["region"] = pointer("/tags/geo/region");
  fields.dims["source"] = constant("grid");
  Decoding decoding(config::InputShape::fields, fields);

  const TelemetryEvent event = decoding.event(
      R"({"unit/of~power":"kW","readings":[1,2.5,"x"],"tags":{"geo":{"region":"north"},"other":1},)"
      R"("account":{"name":"x","id":8123441},"meter":17,"ts":"2026-11-23 09:39:58"})");

  CHECK(event.customer == "8123441");  // an integer id is its digits
  CHECK(event.signal == "api_request");
  CHECK(event.time == at("2026-11-23T09:39:58Z"));
  CHECK(event.value == 2.5);
  CHECK(event.entity_type == "meter");
  CHECK(event.entity_id == "17");
  CHECK(event.unit == "kW");
  CHECK(event.kind == SignalKind::delta);
  CHECK(dims_of(event.dims) == "source=grid region=north");
}

TEST_CASE("a mapped time may have the forms of exports") {
  struct Row {
    std::string written;
    std::string_view meant;
  };
  const Row rows[] = {
      {R"("2026-11-23T10:39:58+01:00")", "2026-11-23T09:39:58Z"},
      {R"("2026-11-23 09:39:58")", "2026-11-23T09:39:58Z"},  // UTC where nothing else is said
      {R"("2026-11-23 09:39:58.25")", "2026-11-23T09:39:58.250Z"},
      {R"("2026-11-23T09:39:58")", "2026-11-23T09:39:58Z"},
      {R"("2026-11-23 10:39:58+01:00")", "2026-11-23T09:39:58Z"},
      {"1795426798", "2026-11-23T09:39:58Z"},
      {"1795426798.25", "2026-11-23T09:39:58.250Z"},
      {"1795426798250.0", "2026-11-23T09:39:58.250Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    Decoding decoding(config::InputShape::fields, mapping());
    CHECK(decoding.event(R"({"ts":)" + row.written + R"(,"account":{"id":"c"},"readings":[0,1]})").time ==
          at(row.meant));
  }
}

TEST_CASE("the record's timestamp stands in only where no time is mapped") {
  config::FieldMapping fields = mapping();
  fields.fields.erase("event_time");
  Decoding without(config::InputShape::fields, fields);
  CHECK(without.event(R"({"account":{"id":"c"},"readings":[0,1]})").time == at("2026-11-23T09:41:00Z"));

  Decoding mapped(config::InputShape::fields, mapping());
  CHECK(mapped.refusal(R"({"account":{"id":"c"},"readings":[0,1]})") == "missing_field event_time");
}

TEST_CASE("a mapped value is a number, never text that looks like one") {
  Decoding decoding(config::InputShape::fields, mapping());

  CHECK(decoding.refusal(R"({"ts":1795426798,"account":{"id":"c"},"readings":[0,"1"]})") == "bad_type value");
  CHECK(decoding.refusal(R"({"ts":1795426798,"account":{"id":1.5},"readings":[0,1]})") ==
        "bad_type customer_id");
  CHECK(decoding.refusal(R"({"ts":1795426798,"account":{"id":"c"},"readings":[0]})") ==
        "missing_field value");
  CHECK(decoding.refusal(R"({"ts":1795426798,"account":"c","readings":[0,1]})") ==
        "missing_field customer_id");
}

TEST_CASE("a constant type without an id in the record speaks of the customer") {
  config::FieldMapping fields = mapping();
  fields.fields["entity_type"] = constant("meter");
  fields.fields["entity_id"] = pointer("/meter");
  Decoding decoding(config::InputShape::fields, fields);

  CHECK(decoding.event(R"({"ts":1795426798,"account":{"id":"c"},"readings":[0,1]})").entity_type.empty());
}

TEST_CASE("one value may fill several fields, and of duplicate keys the first one wins there too") {
  config::FieldMapping fields = mapping();
  fields.dims["account"] = pointer("/account/id");
  Decoding decoding(config::InputShape::fields, fields);

  const TelemetryEvent event =
      decoding.event(R"({"ts":1795426798,"account":{"id":"c"},"account":{"id":"d"},"readings":[0,1]})");

  CHECK(event.customer == "c");
  CHECK(dims_of(event.dims) == "account=c");
}

TEST_CASE("a mapped signal that no rule uses ends the reading") {
  config::FieldMapping fields = mapping();
  fields.fields["signal"] = pointer("/metric");
  Decoding by_pointer(config::InputShape::fields, fields);
  CHECK(by_pointer.is_unused(R"({"metric":"page_viewed","account":5})"));

  fields.fields["signal"] = constant("page_viewed");
  Decoding by_constant(config::InputShape::fields, fields);
  CHECK(by_constant.is_unused(R"({"account":5})"));
}

// ---- profiles -------------------------------------------------------------------------------------------------------

TEST_CASE("a profile is its top-level scalars") {
  Decoding decoding;

  const ProfileEvent profile = decoding.profile(
      R"({"customer_id":"c_1","version":12,"plan":"pro","seats":40,"trial":false,"gone":null,)"
      R"("consent":{"service":"allowed"},"plan":"free"})");

  CHECK(profile.customer == "c_1");
  CHECK(profile.version == 12);
  CHECK_FALSE(profile.erased);
  CHECK(dims_of(profile.fields) == "plan=pro seats=40.000000 trial=no");
}

TEST_CASE("a profile without customer_id belongs to the record's key") {
  Decoding decoding;
  decoding.record.key = "c_9";

  const ProfileEvent profile = decoding.profile(R"({"plan":"pro"})");

  CHECK(profile.customer == "c_9");
  CHECK(profile.version == 0);
}

TEST_CASE("a null profile erases the customer of its key") {
  Decoding decoding;
  decoding.record.key = "c_9";
  decoding.record.tombstone = true;

  const ProfileEvent profile = decoding.profile("");

  CHECK(profile.customer == "c_9");
  CHECK(profile.erased);
  CHECK(profile.fields.empty());
}

TEST_CASE("a long text in a profile matters only where somebody reads the field") {
  Decoding decoding;
  const std::string text(300, 'x');

  CHECK(dims_of(decoding.profile(R"({"customer_id":"c","notes":")" + text + R"(","plan":"pro"})").fields) ==
        "plan=pro");
  CHECK(decoding.refusal(R"({"customer_id":"c","plan":")" + text + R"("})") == "too_large plan");
}

TEST_CASE("a profile may come in a CloudEvent") {
  Decoding decoding;
  decoding.record.headers.push_back({"content-type", "application/cloudevents+json"});

  const ProfileEvent profile =
      decoding.profile(R"({"specversion":"1.0","partitionkey":"c_3","data":{"plan":"pro"}})");

  CHECK(profile.customer == "c_3");
  CHECK(dims_of(profile.fields) == "plan=pro");
}

// ---- limits ---------------------------------------------------------------------------------------------------------

TEST_CASE("nesting is read to its limit and not beyond") {
  const auto nested = [](int depth) {
    return R"({"event_time":1795426798,"customer_id":"c","signal":"battery","value":1,"x":)" +
           std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  Decoding decoding;

  CHECK(decoding.event(nested(60)).customer == "c");
  CHECK(decoding.refusal(nested(100)) == "bad_json ");
  CHECK(decoding.refusal(nested(100'000)) == "bad_json ");
}

TEST_CASE("a decoder goes on after any refusal") {
  Decoding decoding;
  CHECK(decoding.refusal(R"({"a":)") == "bad_json ");
  CHECK(decoding.refusal("\xff") == "not_utf8 ");
  CHECK(decoding.refusal(std::string(2 << 20, ' ')) == "too_large ");

  CHECK(decoding.event(kMinimal).customer == "c_1");
}

TEST_CASE("a short record after a long one does not see its bytes") {
  Decoding decoding;
  const std::string pad(5000, '}');
  CHECK(decoding.event(R"({"pad":")" + pad + "\"," + kMinimal.substr(1)).customer == "c_1");

  CHECK(decoding.refusal(R"({"event_time":1795426798,"x":{"y":1})") == "bad_json ");
}

}  // namespace proactive::daemon
