// A gate looks at the facts of one candidate and says pass or fail, with a reason. Gates are pure; decide.cpp
// lists them in order, the first fail decides, and the ones behind it are written as not_reached.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/outreach/decision.h"
#include "daemon/outreach/ledger.h"
#include "models/base/score.h"
#include "models/base/time.h"

namespace proactive::daemon {

// In the order of the contract (outreach.md 4).
enum class GateId : std::uint8_t { kill_switch, rule_mode, cooldown, release };
inline constexpr std::size_t kGates = 4;

enum class GateResult : std::uint8_t { pass, fail, not_required, not_reached };

[[nodiscard]] std::string_view to_string(GateId gate);
[[nodiscard]] std::string_view to_string(GateResult result);

struct GateOutcome {
  GateResult result = GateResult::not_reached;
  Reason reason = Reason::released;  // of a fail
  std::string detail;                // for people; may be empty
};

// What the pipeline knows of a candidate: an episode transition offered for outreach.
struct DecisionFacts {
  Trigger trigger = Trigger::opened;        // not reopened
  Reason close_reason = Reason::recovered;  // resolved: recovered; cancelled: no_data, rule_removed or erased
  bool outreach_enabled = true;             // the kill switch of the configuration
  bool rule_live = true;                    // opened, updated: rollout: live
  bool has_outreach = true;                 // opened, updated: the rule has an outreach block
  bool rendered = true;                     // the message could be written
  Duration cooldown{};                      // of the rule
  Severity severity = Severity::medium;
  Timestamp episode_start{};  // of the episode that changed
  Timestamp at{};             // event time of the change
  double deviation = 0;       // |observed - expected| of the leading evidence, now
};

// One side of a ledger (live or shadow), unpacked.
struct LedgerSide {
  LedgerStatus status = LedgerStatus::none;
  Timestamp start{}, opened{}, told{};
  double deviation = 0;
};

inline constexpr Duration kUpdateInterval = std::chrono::hours(4);  // between two messages, unless critical

}  // namespace proactive::daemon
