#include "daemon/codec/outreach_event.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/codec/decision_json.h"
#include "tests/unit/codec/example_outreach.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const IdentityKey& key() {
  static const IdentityKey key(config::Secret("test-vector-key"));
  return key;
}

struct Story {
  OutreachLedger ledger;
  OutreachFacts facts = example_facts();

  Decision decide(Trigger trigger, Duration after = 0s, Reason reason = Reason::recovered) {
    DecisionFacts now = example_decision_facts();
    now.trigger = trigger;
    now.close_reason = facts.close_reason = reason;
    now.at = facts.at = now.at + after;
    now.episode_start = facts.episode_start;
    now.deviation = 0.5;
    return decide_outreach(now, ledger);
  }
  OutputRecord event(const Decision& decision) const {
    const Result<OutputRecord> record = encode_outreach(example_deployment(), facts, decision, key());
    REQUIRE(record.has_value());
    return *record;
  }
  OutputRecord decision_record(const Decision& decision) const {
    const Result<OutputRecord> record = encode_decision(example_deployment(), facts, decision, key());
    REQUIRE(record.has_value());
    return *record;
  }
};

std::string header(const OutputRecord& record, std::string_view name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

}  // namespace

TEST_CASE("an outreach event is a CloudEvent keyed by the customer, with its attributes in the headers too") {
  Story story;
  const OutputRecord record = story.event(story.decide(Trigger::opened));
  const json event = json::parse(record.value);

  CHECK(record.channel == Channel::outreach);
  CHECK(record.key == "c_8f41c2");
  CHECK_FALSE(record.tombstone);
  CHECK(header(record, "content-type") == "application/cloudevents+json; charset=UTF-8");
  CHECK(event["specversion"] == "1.0");
  CHECK(event["id"] == "8d914082-eb04-8259-b7bb-be7862fbae58");
  CHECK(event["partitionkey"] == record.key);
  CHECK(event["expirytime"] == "2026-11-23T21:40:00.418Z");
  for (const auto& item : event.items()) {
    const std::string& name = item.key();
    const json& value = item.value();
    if (name == "data" || name == "datacontenttype") continue;
    CAPTURE(name);
    CHECK(header(record, "ce_" + name) == (value.is_string() ? value.get<std::string>() : value.dump()));
  }
}

TEST_CASE("a closing event names its cause and never expires, as a notice of recovery must not be dropped") {
  Story story;
  (void)story.decide(Trigger::opened);
  const json event = json::parse(story.event(story.decide(Trigger::resolved, 1h)).value);

  CHECK(event["type"] == "com.example.outreach.resolved.v1");
  CHECK(event["causationid"] == "8d914082-eb04-8259-b7bb-be7862fbae58");
  CHECK(event["correlationid"] == "out_2bdb3956ec2cf2ba");
  CHECK_FALSE(event.contains("expirytime"));
  const json& data = event["data"];
  CHECK(data["revision"] == 2);
  CHECK(data["issue"]["ended_at"] == "2026-11-23T10:40:00Z");
  CHECK(data["decision"]["reason"] == "recovered");
  CHECK_FALSE(data["decision"].contains("send_by"));
  CHECK(data["explanation"]["summary"] == "Normal again after 88 minutes. Error ratio 13.7 %, usual 1.1 %.");
  CHECK(data["explanation"]["reasons"][0]["code"] == "RECOVERED");
  CHECK_FALSE(data["evidence"][0].contains("direction"));
}

TEST_CASE("a reopened outreach keeps its id though another episode speaks") {
  Story story;
  (void)story.decide(Trigger::opened);
  (void)story.decide(Trigger::resolved, 1h);
  story.facts.episode_start += 3h;
  const Decision decision = story.decide(Trigger::opened, 4h);
  const json event = json::parse(story.event(decision).value);

  CHECK(event["type"] == "com.example.outreach.updated.v1");
  CHECK(event["data"]["outreach_id"] == "out_2bdb3956ec2cf2ba");
  CHECK(event["data"]["reopened"] == true);
  CHECK(event["data"]["revision"] == 3);
  CHECK(event["data"]["issue"]["started_at"] == "2026-11-23T12:12:00Z");
  CHECK(event["data"]["decision"]["decision_id"] != "dec_d8614f8d86e0adc2");
}

TEST_CASE("the event id of the vector's third revision is the published one") {
  Story story;
  (void)story.decide(Trigger::opened);
  DecisionFacts update = example_decision_facts();
  update.trigger = Trigger::updated;
  update.at += 5h;
  update.deviation = 1;
  REQUIRE(decide_outreach(update, story.ledger).sends());

  CHECK(json::parse(story.event(story.decide(Trigger::resolved, 6h)).value)["id"] ==
        "8f90dcf1-2304-8a23-b601-8814c2955a22");
}

TEST_CASE("after an erasure the event names the customer and holds no message") {
  Story story;
  (void)story.decide(Trigger::opened);
  story.facts.message.reset();
  const json data =
      json::parse(story.event(story.decide(Trigger::cancelled, 1h, Reason::erased)).value)["data"];

  CHECK(data["status"] == "cancelled");
  CHECK(data["decision"]["reason"] == "erased");
  CHECK_FALSE(data.contains("message"));
}

TEST_CASE("a decision record tells every gate, the inputs and what would have been") {
  Story story;
  DecisionFacts shadow = example_decision_facts();
  shadow.rule_live = false;
  const OutputRecord record = story.decision_record(decide_outreach(shadow, story.ledger));
  const json event = json::parse(record.value);

  CHECK(record.channel == Channel::decisions);
  CHECK(event["id"] == "dec_d8614f8d86e0adc2");
  const json& data = event["data"];
  CHECK_FALSE(data.contains("message"));
  CHECK_FALSE(data.contains("revision"));
  const json& decision = data["decision"];
  CHECK(decision["mode"] == "shadow");
  CHECK(decision["would_be_action"] == "send");
  CHECK(decision["gates"].size() == kGates);
  CHECK(decision["inputs"]["telemetry_offset"] == 81920);
  CHECK(decision["config_digest"] == "4d1c09a7b2e6f035");
}

TEST_CASE("texts are escaped, so that any value of a record stays a value") {
  Story story;
  story.facts.message = Message{"say \"hi\"\\", "a\tb\nc\x01"};
  story.facts.entity_id = "a\",\"status\":\"resolved";
  const json data = json::parse(story.event(story.decide(Trigger::opened)).value)["data"];

  CHECK(data["status"] == "opened");
  CHECK(data["issue"]["entity"]["id"] == "a\",\"status\":\"resolved");
  CHECK(data["message"]["rendered"]["title"] == "say \"hi\"\\");
  CHECK(data["message"]["rendered"]["body"] == "a\tb\nc\x01");
}

TEST_CASE("numbers read back equal, and what is not finite is left out with its key") {
  Story story;
  Evidence& evidence = story.facts.evidence.front();
  evidence.observed = 0.1 + 0.2;
  evidence.expected = std::numeric_limits<double>::quiet_NaN();
  evidence.high = std::numeric_limits<double>::infinity();
  evidence.low = 1e300;
  const json shown = json::parse(story.event(story.decide(Trigger::opened)).value)["data"]["evidence"][0];

  CHECK(shown["observed"].get<double>() == 0.1 + 0.2);
  CHECK(shown["expected_low"].get<double>() == 1e300);
  CHECK_FALSE(shown.contains("expected"));
  CHECK_FALSE(shown.contains("expected_high"));
}

TEST_CASE("an event beyond 64 KiB is refused, not sent") {
  Story story;
  story.facts.evidence.assign(400, example_evidence());
  const Decision decision = story.decide(Trigger::opened);

  CHECK_FALSE(encode_outreach(example_deployment(), story.facts, decision, key()).has_value());
  CHECK_FALSE(encode_decision(example_deployment(), story.facts, decision, key()).has_value());
}

}  // namespace proactive::daemon
