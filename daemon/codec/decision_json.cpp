#include "daemon/codec/decision_json.h"

#include "daemon/codec/cloud_event_writer.h"

namespace proactive::daemon {

namespace {

void write_decision(JsonWriter& json, const Deployment& deployment, const OutreachFacts& facts,
                    const Decision& decision, std::string_view decision_id) {
  json.begin_object("decision");
  json.text("decision_id", decision_id);
  json.integer("n", decision.n);
  json.text("trigger", to_string(decision.trigger));
  json.text("action", to_string(decision.action));
  json.text("reason", to_string(decision.reason));
  json.text("mode", decision.shadow_mode ? "shadow" : "live");
  if (decision.would_be) json.text("would_be_action", to_string(*decision.would_be));
  write_gates(json, decision, true);
  json.time("decided_at", facts.now);
  json.time("watermark", facts.watermark);
  json.begin_object("inputs");
  if (facts.telemetry_offset >= 0) json.integer("telemetry_offset", facts.telemetry_offset);
  if (facts.profile_version > 0) {
    json.integer("profile_version", static_cast<std::int64_t>(facts.profile_version));
  }
  json.end_object();
  json.optional_text("config_digest", deployment.config_digest);
  json.optional_text("engine_version", deployment.engine_version);
  json.end_object();
}

}  // namespace

Result<OutputRecord> encode_decision(const Deployment& deployment, const OutreachFacts& facts,
                                     const Decision& decision, const IdentityKey& key) {
  const std::string decision_id = key.decision_id(episode_identity(deployment, facts), decision.n);
  const Severities severity = severity_words(facts.severity);

  OutputRecord record;
  record.channel = Channel::decisions;
  record.key = facts.customer.id;
  CloudEventWriter event(record);
  event.attribute("id", decision_id);
  event.attribute("source", deployment.source);
  event.attribute("type", deployment.type_prefix + ".outreach.decision.v1");
  event.attribute("subject", "customer/" + std::string(facts.customer.id));
  event.attribute("time", format_rfc3339(facts.at));
  event.attribute("datacontenttype", "application/json");
  event.attribute("partitionkey", facts.customer.id);
  event.attribute("correlationid", key.outreach_id(outreach_identity(deployment, facts, decision)));
  event.attribute("severitynumber", severity.number);
  event.attribute("severitytext", severity.text);
  event.attribute("recordedtime", format_rfc3339(facts.now));

  JsonWriter& json = event.begin_data();
  write_problem(json, deployment, facts, decision, key);
  write_decision(json, deployment, facts, decision, decision_id);
  event.end();
  if (record.value.size() > kMaxEventBytes) {
    return failure("decision record of " + std::to_string(record.value.size()) + " bytes, the limit is " +
                   std::to_string(kMaxEventBytes));
  }
  return record;
}

}  // namespace proactive::daemon
