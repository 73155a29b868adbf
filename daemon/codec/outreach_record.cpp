#include "daemon/codec/outreach_record.h"

#include "daemon/outreach/quantity.h"

namespace proactive::daemon {

namespace {

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::high:
      return "up";
    case Direction::low:
      return "down";
    case Direction::either:
      return "";
  }
  return "";
}

// `over`: the episode has ended, so nothing deviates any more.
void write_evidence(JsonWriter& json, const Evidence& evidence, bool over) {
  json.begin_object();
  json.text("measure", evidence.measure);
  json.text("unit", symbol_of(evidence.unit));
  json.begin_object("window");
  json.time("start", evidence.window_start);
  json.time("end", evidence.window_end);
  json.end_object();
  json.optional_number("observed", evidence.observed);
  json.optional_number("expected", evidence.expected);
  json.optional_number("expected_low", evidence.low);
  json.optional_number("expected_high", evidence.high);
  if (!over) json.optional_text("direction", name_of(evidence.direction));
  json.optional_number("score", evidence.score);
  json.optional_text("score_kind", to_string(evidence.score_kind));
  json.optional_number("contribution", evidence.contribution);
  if (evidence.model != ModelId::none) {
    json.begin_object("model");
    json.text("name", model_name(evidence.model));
    json.integer("n", evidence.samples);
    json.boolean("warm", evidence.warm);
    json.end_object();
  }
  json.time("since", evidence.since);
  json.end_object();
}

bool closes(const Decision& decision) {
  return decision.trigger == Trigger::resolved || decision.trigger == Trigger::cancelled;
}

std::string summary_of(const OutreachFacts& facts, const Decision& decision) {
  if (decision.trigger == Trigger::cancelled) return std::string(sentence(facts.close_reason));
  const Duration lasting = facts.at - facts.episode_start;
  std::string summary;
  if (decision.trigger == Trigger::resolved) summary = "Normal again after " + format_lasting(lasting) + ".";
  for (const Evidence& evidence : facts.evidence) {
    const bool over = decision.trigger == Trigger::resolved;
    if (over && evidence.test == EvidenceTest::missing) continue;
    if (!summary.empty()) summary += ' ';
    summary += in_words(evidence, over ? Duration{} : lasting);
  }
  return summary;
}

void write_reason(JsonWriter& json, std::string_view code, std::string_view detail) {
  json.begin_object();
  json.text("code", code);
  json.text("detail", detail);
  json.end_object();
}

std::string in_capitals(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void write_explanation(JsonWriter& json, const OutreachFacts& facts, const Decision& decision) {
  json.begin_object("explanation");
  json.text("summary", summary_of(facts, decision));
  json.begin_array("reasons");
  if (closes(decision)) {
    write_reason(json, in_capitals(to_string(facts.close_reason)), sentence(facts.close_reason));
  } else {
    for (const Evidence& evidence : facts.evidence) {
      write_reason(json, reason_code(evidence), reason_detail(evidence));
    }
  }
  json.end_array();
  json.end_object();
}

}  // namespace

EpisodeIdentity episode_identity(const Deployment& deployment, const OutreachFacts& facts) {
  return {deployment.source_name, facts.rule_id,   facts.customer.id,
          facts.entity_type,      facts.entity_id, facts.episode_start};
}

EpisodeIdentity outreach_identity(const Deployment& deployment, const OutreachFacts& facts,
                                  const Decision& decision) {
  EpisodeIdentity identity = episode_identity(deployment, facts);
  identity.start = decision.outreach_start;
  return identity;
}

Severities severity_words(Severity severity) {
  switch (severity) {
    case Severity::low:
      return {9, "INFO", "low"};
    case Severity::medium:
      return {13, "WARN", "medium"};
    case Severity::high:
      return {17, "ERROR", "high"};
    case Severity::critical:
      return {21, "FATAL", "critical"};
  }
  return {13, "WARN", "medium"};
}

void write_gates(JsonWriter& json, const Decision& decision, bool all) {
  json.begin_array("gates");
  for (std::size_t i = 0; i < decision.gates.size(); ++i) {
    const GateOutcome& gate = decision.gates[i];
    if (!all && gate.detail.empty()) continue;
    json.begin_object();
    json.text("gate", to_string(static_cast<GateId>(i)));
    json.text("result", to_string(gate.result));
    json.optional_text("detail", gate.detail);
    json.end_object();
  }
  json.end_array();
}

void write_problem(JsonWriter& json, const Deployment& deployment, const OutreachFacts& facts,
                   const Decision& decision, const IdentityKey& key) {
  const EpisodeIdentity identity = outreach_identity(deployment, facts, decision);
  json.text("outreach_id", key.outreach_id(identity));
  json.text("dedup_key", dedup_key(identity));
  json.text("status", to_string(decision.event.status));
  if (decision.event.revision > 0) json.integer("revision", decision.event.revision);
  if (decision.trigger == Trigger::reopened) json.boolean("reopened", true);
  json.text("kind", "problem");
  json.text("severity", severity_words(facts.severity).name);
  json.optional_text("audience", facts.audience);

  json.begin_object("customer");
  json.text("id", facts.customer.id);
  json.optional_text("account_id", facts.customer.account_id);
  json.optional_text("segment", facts.customer.segment);
  json.optional_text("locale", facts.customer.locale);
  json.optional_text("time_zone", facts.customer.time_zone);
  json.optional_text("time_zone_source", facts.customer.time_zone_source);
  json.end_object();

  json.begin_object("issue");
  json.text("rule_id", facts.rule_id);
  json.optional_text("rule_digest", facts.rule_digest);
  json.optional_text("category", facts.category);
  json.begin_object("entity");
  json.text("type", facts.entity_type);
  json.text("id", facts.entity_id);
  json.end_object();
  json.time("started_at", facts.episode_start);
  json.time("detected_at", facts.detected_at);
  if (closes(decision)) json.time("ended_at", facts.at);
  json.end_object();

  json.begin_array("evidence");
  for (const Evidence& evidence : facts.evidence) write_evidence(json, evidence, closes(decision));
  json.end_array();
  write_explanation(json, facts, decision);
}

}  // namespace proactive::daemon
