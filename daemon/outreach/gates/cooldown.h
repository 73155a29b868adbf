// Gate 4: one problem, one outreach. In event time, so that replay agrees.
//
//   open                      an opened candidate is an update of it, at most one per 4 h unless critical
//   resolved, in the cooldown an opened candidate reopens it
//   ended, in the cooldown    an opened candidate is blocked (`cooldown`)
//   otherwise                 an opened candidate is a new outreach
// The cooldown runs from the last released `opened` to the *start* of the new episode.
#pragma once

#include "daemon/outreach/gate.h"

namespace proactive::daemon {

// How an opened or updated candidate continues what the ledger side knows. REQUIRES: not a closing trigger.
[[nodiscard]] Trigger continuation(const DecisionFacts& facts, const LedgerSide& side);

[[nodiscard]] GateOutcome cooldown_gate(const DecisionFacts& facts, const LedgerSide& side);

// True if `deviation` is news to a customer told of side.deviation at side.told.
[[nodiscard]] bool is_news(const LedgerSide& side, double deviation, Timestamp at, Severity severity);

}  // namespace proactive::daemon
