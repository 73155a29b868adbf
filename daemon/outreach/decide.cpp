#include "daemon/outreach/decide.h"

#include "daemon/outreach/gates/cooldown.h"
#include "daemon/outreach/gates/kill_switch.h"
#include "daemon/outreach/gates/release.h"
#include "daemon/outreach/gates/rule_mode.h"
#include "models/base/check.h"

namespace proactive::daemon {

namespace {

Timestamp at_us(std::int64_t us) { return Timestamp(Duration(us)); }
Timestamp at_s(std::uint32_t s) { return Timestamp(std::chrono::seconds(s)); }
std::int64_t to_us(Timestamp time) { return time.time_since_epoch().count(); }
std::uint32_t to_s(Timestamp time) {
  return static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

LedgerSide live_side(const OutreachLedger& ledger) {
  return {ledger.status, at_us(ledger.start_us), at_us(ledger.opened_us), at_us(ledger.told_us),
          ledger.told_deviation};
}

LedgerSide shadow_side(const OutreachLedger& ledger) {
  return {ledger.shadow_status, at_us(ledger.shadow_start_us), at_s(ledger.shadow_opened_s),
          at_s(ledger.shadow_told_s), static_cast<double>(ledger.shadow_deviation)};
}

void store_live(const LedgerSide& side, OutreachLedger& ledger) {
  ledger.status = side.status;
  ledger.start_us = to_us(side.start);
  ledger.opened_us = to_us(side.opened);
  ledger.told_us = to_us(side.told);
  ledger.told_deviation = side.deviation;
}

void store_shadow(const LedgerSide& side, OutreachLedger& ledger) {
  ledger.shadow_status = side.status;
  ledger.shadow_start_us = to_us(side.start);
  ledger.shadow_opened_s = to_s(side.opened);
  ledger.shadow_told_s = to_s(side.told);
  ledger.shadow_deviation = static_cast<float>(side.deviation);
}

EventStatus status_of(Trigger trigger) {
  switch (trigger) {
    case Trigger::opened:
      return EventStatus::opened;
    case Trigger::updated:
    case Trigger::reopened:
      return EventStatus::updated;
    case Trigger::resolved:
      return EventStatus::resolved;
    case Trigger::cancelled:
      return EventStatus::cancelled;
  }
  return EventStatus::opened;
}

// The outreach's last event, which the ledger tells without keeping it.
std::optional<EventRef> last_event(const OutreachLedger& ledger) {
  switch (ledger.status) {
    case LedgerStatus::none:
      return std::nullopt;
    case LedgerStatus::open:
      return EventRef{ledger.revision == 1 ? EventStatus::opened : EventStatus::updated, ledger.revision};
    case LedgerStatus::resolved:
      return EventRef{EventStatus::resolved, ledger.revision};
    case LedgerStatus::ended:
      return EventRef{EventStatus::cancelled, ledger.revision};
  }
  return std::nullopt;
}

// Notes an outcome; false: it was a fail, and the gates behind it are not reached.
bool note(Decision& decision, GateId gate, GateOutcome outcome) {
  const bool failed = outcome.result == GateResult::fail;
  if (failed) decision.reason = outcome.reason;
  decision.gates[static_cast<std::size_t>(gate)] = std::move(outcome);
  return !failed;
}

void skip(Decision& decision, GateId gate) {
  decision.gates[static_cast<std::size_t>(gate)] = {GateResult::not_required, {}, "closing"};
}

void send(const OutreachLedger& before, Decision& decision, OutreachLedger& ledger) {
  const bool first = decision.event.status == EventStatus::opened;
  decision.action = Action::send;
  decision.previous = first ? std::nullopt : last_event(before);
  ledger.revision = first ? 1 : ledger.revision + 1;
  decision.event.revision = ledger.revision;
}

void close(const DecisionFacts& facts, Decision& decision, OutreachLedger& ledger) {
  const OutreachLedger before = ledger;
  const LedgerStatus closed =
      facts.trigger == Trigger::resolved ? LedgerStatus::resolved : LedgerStatus::ended;
  LedgerSide live = live_side(ledger);
  LedgerSide shadow = shadow_side(ledger);
  const bool live_open = live.status == LedgerStatus::open;
  const bool shadow_open = shadow.status == LedgerStatus::open;

  (void)note(decision, GateId::kill_switch, kill_switch_gate(facts));
  skip(decision, GateId::rule_mode);
  if (!live_open && !shadow_open) {
    (void)note(decision, GateId::cooldown, {GateResult::fail, Reason::nothing_open, "no outreach is open"});
    return;
  }
  skip(decision, GateId::cooldown);
  (void)note(decision, GateId::release, release_gate(facts));
  decision.reason = facts.close_reason;
  decision.outreach_start = live_open ? live.start : shadow.start;
  if (shadow_open) {
    shadow.status = closed;
    store_shadow(shadow, ledger);
  }
  if (live_open) {
    live.status = closed;
    store_live(live, ledger);
    send(before, decision, ledger);
  } else {
    decision.shadow_mode = true;
    decision.action = Action::shadow;
    decision.would_be = Action::send;
    decision.reason = Reason::shadow;
  }
}

void speak(const DecisionFacts& facts, Decision& decision, OutreachLedger& ledger) {
  const OutreachLedger before = ledger;
  if (!note(decision, GateId::kill_switch, kill_switch_gate(facts))) return;

  const LedgerSide live = live_side(ledger);
  LedgerSide side = live;
  const bool shadow_episode = facts.trigger == Trigger::updated && live.status != LedgerStatus::open &&
                              ledger.shadow_status == LedgerStatus::open;
  if (!note(decision, GateId::rule_mode, rule_mode_gate(facts, shadow_episode))) {
    if (decision.reason != Reason::shadow) return;
    decision.shadow_mode = true;
    // A rule that was live when it opened goes on in shadow from what was told.
    const bool demoted = ledger.shadow_status != LedgerStatus::open && live.status == LedgerStatus::open;
    if (!demoted) side = shadow_side(ledger);
  }

  decision.trigger = continuation(facts, side);
  decision.event.status = status_of(decision.trigger);
  const bool continues = decision.trigger != Trigger::opened && side.status != LedgerStatus::none;
  if (continues) decision.outreach_start = side.start;

  // In shadow the reason stays `shadow`: these gates only say what would be.
  const bool passed = note(decision, GateId::cooldown, cooldown_gate(facts, side)) &&
                      note(decision, GateId::release, release_gate(facts));
  if (decision.shadow_mode) {
    decision.action = Action::shadow;
    decision.would_be = passed ? Action::send : Action::suppress;
    decision.reason = Reason::shadow;
  }
  if (!passed) return;

  side.status = LedgerStatus::open;
  side.told = facts.at;
  side.deviation = facts.deviation;
  if (decision.trigger == Trigger::opened) {
    side.start = facts.episode_start;
    side.opened = facts.at;
  }
  if (decision.shadow_mode) {
    store_shadow(side, ledger);
    return;
  }
  store_live(side, ledger);
  if (decision.trigger == Trigger::opened) ledger.reopened = 0;
  if (decision.trigger == Trigger::reopened) ++ledger.reopened;
  decision.reason = Reason::released;
  send(before, decision, ledger);
}

}  // namespace

std::string_view to_string(GateId gate) {
  switch (gate) {
    case GateId::kill_switch:
      return "kill_switch";
    case GateId::rule_mode:
      return "rule_mode";
    case GateId::cooldown:
      return "cooldown";
    case GateId::release:
      return "release";
  }
  return "";
}

std::string_view to_string(GateResult result) {
  switch (result) {
    case GateResult::pass:
      return "pass";
    case GateResult::fail:
      return "fail";
    case GateResult::not_required:
      return "not_required";
    case GateResult::not_reached:
      return "not_reached";
  }
  return "";
}

Decision decide_outreach(const DecisionFacts& facts, OutreachLedger& ledger) {
  PROACTIVE_CHECK(facts.trigger != Trigger::reopened);
  if (facts.trigger == Trigger::opened) ledger.decisions = 0;
  Decision decision;
  decision.n = ++ledger.decisions;
  decision.trigger = facts.trigger;
  decision.outreach_start = facts.episode_start;
  decision.event.status = status_of(facts.trigger);
  const bool closing = facts.trigger == Trigger::resolved || facts.trigger == Trigger::cancelled;
  if (closing) {
    close(facts, decision, ledger);
  } else {
    speak(facts, decision, ledger);
  }
  return decision;
}

bool forgettable(const OutreachLedger& ledger, Duration cooldown, Timestamp at) {
  for (const LedgerSide& side : {live_side(ledger), shadow_side(ledger)}) {
    if (side.status == LedgerStatus::open) return false;
    if (side.status != LedgerStatus::none && at - side.opened < cooldown) return false;
  }
  return true;
}

bool worth_updating(const OutreachLedger& ledger, double deviation, Timestamp at, Severity severity) {
  const bool live_open = ledger.status == LedgerStatus::open;
  const bool shadow_open = ledger.shadow_status == LedgerStatus::open;
  if (!live_open && !shadow_open) return false;
  // Both are open when a live rule was demoted: what counts is what was said, or would have been, last.
  const LedgerSide live = live_side(ledger);
  const LedgerSide shadow = shadow_side(ledger);
  const bool use_live = live_open && (!shadow_open || live.told >= shadow.told);
  return is_news(use_live ? live : shadow, deviation, at, severity);
}

}  // namespace proactive::daemon
