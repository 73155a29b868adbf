// Gate 2: only live rules speak. A rule in shadow goes on through the other gates on the ledger's shadow
// side; one without an outreach block stops here. Closing candidates do not need it: a demoted rule still
// closes what it opened.
#pragma once

#include "daemon/outreach/gate.h"

namespace proactive::daemon {

// `shadow_episode`: the episode was opened while the rule was in shadow; turning the rule live does not
// contact it.
[[nodiscard]] GateOutcome rule_mode_gate(const DecisionFacts& facts, bool shadow_episode);

}  // namespace proactive::daemon
