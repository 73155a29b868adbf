#include "daemon/outreach/gates/rule_mode.h"

namespace proactive::daemon {

GateOutcome rule_mode_gate(const DecisionFacts& facts, bool shadow_episode) {
  if (!facts.has_outreach) return {GateResult::fail, Reason::no_outreach, "the rule has no outreach block"};
  if (!facts.rule_live) return {GateResult::fail, Reason::shadow, "shadow"};
  if (shadow_episode)
    return {GateResult::fail, Reason::shadow, "live now, but in shadow when the problem began"};
  return {GateResult::pass, {}, "live"};
}

}  // namespace proactive::daemon
