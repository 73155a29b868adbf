// Gate 15: the message must be sayable. What was opened is closed even without one.
#pragma once

#include "daemon/outreach/gate.h"

namespace proactive::daemon {

[[nodiscard]] GateOutcome release_gate(const DecisionFacts& facts);

}  // namespace proactive::daemon
