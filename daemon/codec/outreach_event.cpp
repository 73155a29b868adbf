#include "daemon/codec/outreach_event.h"

#include "daemon/codec/cloud_event_writer.h"
#include "models/base/check.h"

namespace proactive::daemon {

namespace {

void write_decision(JsonWriter& json, const EpisodeIdentity& episode, const OutreachFacts& facts,
                    const Decision& decision, const IdentityKey& key, bool closing) {
  json.begin_object("decision");
  json.text("decision_id", key.decision_id(episode, decision.n));
  json.text("action", to_string(decision.action));
  json.text("reason", to_string(decision.reason));
  write_gates(json, decision, false);
  if (!closing) {
    json.time("not_before", facts.now);
    json.time("send_by", facts.now + kSendBy);
  }
  json.end_object();
}

void write_message(JsonWriter& json, const Message& message, std::string_view locale) {
  json.begin_object("message");
  json.text("locale", "en");
  json.boolean("locale_fallback", !locale.empty() && !locale.starts_with("en"));
  json.begin_object("rendered");
  json.text("title", message.title);
  json.text("body", message.body);
  json.end_object();
  json.end_object();
}

}  // namespace

Result<OutputRecord> encode_outreach(const Deployment& deployment, const OutreachFacts& facts,
                                     const Decision& decision, const IdentityKey& key) {
  PROACTIVE_CHECK(decision.sends() && decision.event.revision > 0);
  const EpisodeIdentity identity = outreach_identity(deployment, facts, decision);
  const EventStatus status = decision.event.status;
  const bool closing = status == EventStatus::resolved || status == EventStatus::cancelled;
  const Severities severity = severity_words(facts.severity);

  OutputRecord record;
  record.channel = Channel::outreach;
  record.key = facts.customer.id;
  CloudEventWriter event(record);
  event.attribute("id", key.event_id(identity, status, decision.event.revision));
  event.attribute("source", deployment.source);
  event.attribute("type", deployment.type_prefix + ".outreach." + std::string(to_string(status)) + ".v1");
  event.attribute("subject", "customer/" + std::string(facts.customer.id));
  event.attribute("time", format_rfc3339(facts.at));
  event.attribute("datacontenttype", "application/json");
  event.attribute("partitionkey", facts.customer.id);
  event.attribute("correlationid", key.outreach_id(identity));
  if (decision.previous) {
    event.attribute("causationid",
                    key.event_id(identity, decision.previous->status, decision.previous->revision));
  }
  event.attribute("severitynumber", severity.number);
  event.attribute("severitytext", severity.text);
  event.attribute("recordedtime", format_rfc3339(facts.now));
  if (!closing) event.attribute("expirytime", format_rfc3339(facts.now + kExpiresIn));

  JsonWriter& json = event.begin_data();
  write_problem(json, deployment, facts, decision, key);
  write_decision(json, episode_identity(deployment, facts), facts, decision, key, closing);
  if (facts.message) write_message(json, *facts.message, facts.customer.locale);
  if (!facts.playbook.empty()) {
    json.begin_object("action");
    json.text("playbook_id", facts.playbook);
    json.end_object();
  }
  event.end();
  if (record.value.size() > kMaxEventBytes) {
    return failure("outreach event of " + std::to_string(record.value.size()) + " bytes, the limit is " +
                   std::to_string(kMaxEventBytes));
  }
  return record;
}

}  // namespace proactive::daemon
