#include "daemon/outreach/gates/kill_switch.h"

namespace proactive::daemon {

GateOutcome kill_switch_gate(const DecisionFacts& facts) {
  if (facts.outreach_enabled) return {GateResult::pass, {}, "outreach is on"};
  const bool closing = facts.trigger == Trigger::resolved || facts.trigger == Trigger::cancelled;
  if (closing) return {GateResult::pass, {}, "outreach is off; what was opened is still closed"};
  return {GateResult::fail, Reason::paused, "outreach.enabled is false"};
}

}  // namespace proactive::daemon
