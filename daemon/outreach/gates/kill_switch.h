// Gate 1: outreach.enabled. Off, nothing new is said (`paused`); what was opened is still closed, as that was
// promised.
#pragma once

#include "daemon/outreach/gate.h"

namespace proactive::daemon {

[[nodiscard]] GateOutcome kill_switch_gate(const DecisionFacts& facts);

}  // namespace proactive::daemon
