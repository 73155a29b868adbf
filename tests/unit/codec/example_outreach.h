// The episode of the published test vector, as the pipeline would hand it to the encoders.
#pragma once

#include "daemon/codec/outreach_record.h"

namespace proactive::daemon {

inline Deployment example_deployment() {
  return {"prod-eu", "https://proactive.example.com/prod-eu", "com.example", "4d1c09a7b2e6f035", "0.1.0"};
}

inline Evidence example_evidence() {
  Evidence evidence;
  evidence.measure = "error_ratio";
  evidence.unit = rules::Unit::none;
  evidence.share = true;
  evidence.test = EvidenceTest::unusual;
  evidence.window_start = *parse_rfc3339("2026-11-23T09:35:00Z");
  evidence.window_end = *parse_rfc3339("2026-11-23T09:40:00Z");
  evidence.observed = 0.137;
  evidence.expected = 0.011;
  evidence.low = 0.0;
  evidence.high = 0.034;
  evidence.direction = Direction::high;
  evidence.score = 4.2;
  evidence.score_kind = ScoreKind::own_noise_ratio;
  evidence.model = ModelId::ratio;
  evidence.samples = 8640;
  evidence.warm = true;
  evidence.since = *parse_rfc3339("2026-11-23T09:12:00Z");
  return evidence;
}

inline OutreachFacts example_facts() {
  OutreachFacts facts;
  facts.customer = {"c_8f41c2", "a_19", "enterprise", "de-DE", "Europe/Berlin", "profile"};
  facts.rule_id = "payments-api-errors";
  facts.rule_digest = "xxh3:5c0f1d9e";
  facts.category = "reliability";
  facts.audience = "customer";
  facts.playbook = "pb-payments-credentials";
  facts.entity_type = "integration";
  facts.entity_id = "stripe-eu";
  facts.severity = Severity::high;
  facts.episode_start = *parse_rfc3339("2026-11-23T09:12:00Z");
  facts.at = facts.detected_at = *parse_rfc3339("2026-11-23T09:40:00Z");
  facts.now = *parse_rfc3339("2026-11-23T09:40:00.418Z");
  facts.evidence = {example_evidence()};
  facts.message =
      Message{"Errors at stripe-eu", "13.7 % of your payment calls fail since 2026-11-23T10:12+01:00."};
  facts.watermark = *parse_rfc3339("2026-11-23T09:39:58Z");
  facts.telemetry_offset = 81920;
  facts.profile_version = 12;
  return facts;
}

inline DecisionFacts example_decision_facts() {
  DecisionFacts facts;
  facts.cooldown = std::chrono::hours(24);
  facts.severity = Severity::high;
  facts.episode_start = *parse_rfc3339("2026-11-23T09:12:00Z");
  facts.at = *parse_rfc3339("2026-11-23T09:40:00Z");
  facts.deviation = 0.126;
  return facts;
}

}  // namespace proactive::daemon
