#include "daemon/outreach/gates/cooldown.h"

namespace proactive::daemon {

namespace {

bool in_cooldown(const DecisionFacts& facts, const LedgerSide& side) {
  return side.status != LedgerStatus::none && facts.episode_start - side.opened < facts.cooldown;
}

bool interval_over(const LedgerSide& side, Timestamp at, Severity severity) {
  return severity == Severity::critical || at - side.told >= kUpdateInterval;
}

}  // namespace

Trigger continuation(const DecisionFacts& facts, const LedgerSide& side) {
  if (facts.trigger == Trigger::updated || side.status == LedgerStatus::open) return Trigger::updated;
  if (side.status == LedgerStatus::resolved && in_cooldown(facts, side)) return Trigger::reopened;
  return Trigger::opened;
}

bool is_news(const LedgerSide& side, double deviation, Timestamp at, Severity severity) {
  return side.deviation > 0 && deviation >= 2 * side.deviation && interval_over(side, at, severity);
}

GateOutcome cooldown_gate(const DecisionFacts& facts, const LedgerSide& side) {
  const std::string told = "told " + format_rfc3339(side.told);
  switch (continuation(facts, side)) {
    case Trigger::updated:
      if (side.status != LedgerStatus::open) {
        return {GateResult::fail, Reason::nothing_open, "no outreach is open"};
      }
      if (!interval_over(side, facts.at, facts.severity)) return {GateResult::fail, Reason::not_news, told};
      if (facts.trigger == Trigger::updated && !is_news(side, facts.deviation, facts.at, facts.severity)) {
        return {GateResult::fail, Reason::not_news, told + ", not twice as far from normal"};
      }
      return {GateResult::pass, {}, "open, " + told};
    case Trigger::reopened:
      return {GateResult::pass,
              {},
              "resolved within the cooldown of " + format_duration(facts.cooldown) + ": reopened"};
    case Trigger::opened:
    case Trigger::resolved:
    case Trigger::cancelled:
      break;
  }
  if (side.status == LedgerStatus::none) return {GateResult::pass, {}, "first outreach"};
  const std::string last = "last opened " + format_rfc3339(side.opened);
  if (in_cooldown(facts, side)) {
    return {GateResult::fail, Reason::cooldown, last + ", cooldown " + format_duration(facts.cooldown)};
  }
  return {GateResult::pass, {}, last};
}

}  // namespace proactive::daemon
