// What the outreach event and the decision record have in common: the facts of one decided episode change. Everything a
// receiver needs stands in the record, so that it can act without asking back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/codec/json_writer.h"
#include "daemon/outreach/decide.h"
#include "daemon/outreach/evidence.h"
#include "daemon/outreach/identity.h"
#include "daemon/outreach/message.h"

namespace proactive::daemon {

inline constexpr std::size_t kMaxEventBytes = 64 * 1024;

// The same for every record of a deployment.
struct Deployment {
  std::string source_name;    // part of ids
  std::string source;         // CloudEvents source: the deployment, never the process
  std::string type_prefix;    // "org.proactived"
  std::string config_digest;  // of the rule set in force
  std::string engine_version;
};

struct CustomerFacts {
  std::string_view id;
  std::string_view account_id, segment, locale;  // of the profile; empty: left out
  std::string_view time_zone, time_zone_source;  // "profile", "account" or "default"
};

// Views live until the encoder returns.
struct OutreachFacts {
  CustomerFacts customer;
  std::string_view rule_id, rule_digest, category, audience, playbook;
  std::string_view entity_type, entity_id;  // of the customer itself: "customer" and its id
  Severity severity = Severity::medium;
  Reason close_reason = Reason::recovered;  // resolved, cancelled: as in DecisionFacts
  Timestamp episode_start{};                // of the episode that changed
  Timestamp at{};                           // event time of the change: the event's `time`
  Timestamp detected_at{};                  // event time at which this episode fired
  Timestamp now{};                          // wall clock of the lane
  std::vector<Evidence> evidence;
  std::optional<Message> message;
  // Inputs of the decision, for `explain`.
  Timestamp watermark{};
  std::int64_t telemetry_offset = -1;  // -1: none, a timer
  std::uint64_t profile_version = 0;   // 0: none
};

// The episode that names the outreach, and the one that changed; they differ after a reopening.
[[nodiscard]] EpisodeIdentity outreach_identity(const Deployment& deployment, const OutreachFacts& facts,
                                                const Decision& decision);
[[nodiscard]] EpisodeIdentity episode_identity(const Deployment& deployment, const OutreachFacts& facts);

struct Severities {
  int number;  // OpenTelemetry's severity number
  std::string_view text;
  std::string_view name;  // as in rules
};
[[nodiscard]] Severities severity_words(Severity severity);

// The members of `data` up to the decision, in the order of the contract.
void write_problem(JsonWriter& json, const Deployment& deployment, const OutreachFacts& facts,
                   const Decision& decision, const IdentityKey& key);
// `"gates":[...]`. `all`: also gates without a detail.
void write_gates(JsonWriter& json, const Decision& decision, bool all);

}  // namespace proactive::daemon
