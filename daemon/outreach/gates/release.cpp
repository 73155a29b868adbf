#include "daemon/outreach/gates/release.h"

namespace proactive::daemon {

GateOutcome release_gate(const DecisionFacts& facts) {
  if (facts.rendered) return {GateResult::pass, {}, ""};
  const bool closing = facts.trigger == Trigger::resolved || facts.trigger == Trigger::cancelled;
  if (closing) return {GateResult::pass, {}, "without a message"};
  return {GateResult::fail, Reason::render_failed, "a value is missing or the text is too long"};
}

}  // namespace proactive::daemon
