// From a candidate to a decision: an ordered list of gates, the first that fails decides.
//
// Per outreach the sent events are `opened updated* (resolved updated+)* (resolved | cancelled)`, revisions
// 1, 2, 3 ... without gap: whoever was told of a problem is told how it ended, and nobody else is.
#pragma once

#include <array>
#include <optional>

#include "daemon/outreach/gate.h"

namespace proactive::daemon {

struct EventRef {
  EventStatus status = EventStatus::opened;
  std::uint32_t revision = 0;
};

struct Decision {
  Action action = Action::suppress;
  std::optional<Action> would_be;  // shadow: send or suppress
  Reason reason = Reason::released;
  Trigger trigger = Trigger::opened;
  bool shadow_mode = false;  // decided on the shadow side
  std::uint32_t n = 0;       // number of this decision in its episode, from 1
  Timestamp
      outreach_start{};  // start of the episode that identifies the outreach; equals the episode's own if new
  EventRef event;        // what is told, or would be; revision 0: nothing is sent
  std::optional<EventRef> previous;       // the outreach's event before this one
  std::array<GateOutcome, kGates> gates;  // by GateId

  [[nodiscard]] bool sends() const { return action == Action::send; }
};

// Pure but for `ledger`, which is advanced to what the decision says. The facts' trigger is not `reopened`.
[[nodiscard]] Decision decide_outreach(const DecisionFacts& facts, OutreachLedger& ledger);

// Cheap enough for every evaluation of a firing episode: true if an `updated` candidate is worth deciding.
[[nodiscard]] bool worth_updating(const OutreachLedger& ledger, double deviation, Timestamp at,
                                  Severity severity);

// True if a ledger whose episode is over need not be kept: no outreach is open and the cooldown ran out.
[[nodiscard]] bool forgettable(const OutreachLedger& ledger, Duration cooldown, Timestamp at);

}  // namespace proactive::daemon
