#include "daemon/outreach/decide.h"

#include <doctest/doctest.h>

#include <string>

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{std::chrono::microseconds(1'795'426'000'000'000)};

DecisionFacts opened(Duration after = 0s) {
  DecisionFacts facts;
  facts.trigger = Trigger::opened;
  facts.cooldown = 24h;
  facts.episode_start = kStart + after;
  facts.at = facts.episode_start + 10min;
  facts.deviation = 1;
  return facts;
}

DecisionFacts updated(Duration after, double deviation) {
  DecisionFacts facts = opened();
  facts.trigger = Trigger::updated;
  facts.at = kStart + after;
  facts.deviation = deviation;
  return facts;
}

DecisionFacts closed(Trigger trigger, Duration after, Reason reason = Reason::recovered) {
  DecisionFacts facts = opened();
  facts.trigger = trigger;
  facts.close_reason = reason;
  facts.at = kStart + after;
  return facts;
}
DecisionFacts resolved(Duration after) { return closed(Trigger::resolved, after); }

// "send opened/1 released", or "suppress - cooldown".
std::string told(const Decision& decision) {
  std::string text(to_string(decision.action));
  if (decision.event.revision > 0) {
    text +=
        ' ' + std::string(to_string(decision.event.status)) + '/' + std::to_string(decision.event.revision);
  } else {
    text += " -";
  }
  text += ' ' + std::string(to_string(decision.reason));
  if (decision.would_be) text += " would " + std::string(to_string(*decision.would_be));
  return text;
}

std::string gates_of(const Decision& decision) {
  std::string text;
  for (std::size_t i = 0; i < decision.gates.size(); ++i) {
    if (i > 0) text += ' ';
    text += std::string(to_string(static_cast<GateId>(i))) + '=' +
            std::string(to_string(decision.gates[i].result));
  }
  return text;
}

}  // namespace

TEST_CASE("a live rule opens, and what was opened is resolved") {
  OutreachLedger ledger;

  const Decision first = decide_outreach(opened(), ledger);
  CHECK(told(first) == "send opened/1 released");
  CHECK(gates_of(first) == "kill_switch=pass rule_mode=pass cooldown=pass release=pass");
  CHECK_FALSE(first.previous.has_value());
  CHECK(first.n == 1);

  const Decision last = decide_outreach(resolved(1h), ledger);
  CHECK(told(last) == "send resolved/2 recovered");
  CHECK(gates_of(last) == "kill_switch=pass rule_mode=not_required cooldown=not_required release=pass");
  REQUIRE(last.previous.has_value());
  CHECK(last.previous->status == EventStatus::opened);
  CHECK(last.n == 2);
}

TEST_CASE("gates after the one that failed are written as not_reached") {
  struct Row {
    void (*change)(DecisionFacts&);
    std::string_view told;
    std::string_view gates;
  };
  const Row rows[] = {
      {[](DecisionFacts& f) { f.outreach_enabled = false; }, "suppress - paused",
       "kill_switch=fail rule_mode=not_reached cooldown=not_reached release=not_reached"},
      {[](DecisionFacts& f) { f.has_outreach = false; }, "suppress - no_outreach",
       "kill_switch=pass rule_mode=fail cooldown=not_reached release=not_reached"},
      {[](DecisionFacts& f) { f.rendered = false; }, "suppress - render_failed",
       "kill_switch=pass rule_mode=pass cooldown=pass release=fail"},
      // Off and in shadow: the first in the order decides.
      {[](DecisionFacts& f) { f.outreach_enabled = false, f.rule_live = false; }, "suppress - paused",
       "kill_switch=fail rule_mode=not_reached cooldown=not_reached release=not_reached"},
      // In shadow the other gates run and say what would be.
      {[](DecisionFacts& f) { f.rule_live = false; }, "shadow - shadow would send",
       "kill_switch=pass rule_mode=fail cooldown=pass release=pass"},
      {[](DecisionFacts& f) { f.rule_live = false, f.rendered = false; }, "shadow - shadow would suppress",
       "kill_switch=pass rule_mode=fail cooldown=pass release=fail"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.told);
    OutreachLedger ledger;
    DecisionFacts facts = opened();
    row.change(facts);
    const Decision decision = decide_outreach(facts, ledger);
    CHECK(told(decision) == row.told);
    CHECK(gates_of(decision) == row.gates);
    CHECK(ledger.status == LedgerStatus::none);
  }
}

TEST_CASE("whoever was not told of a problem is not told that it ended") {
  OutreachLedger ledger;
  DecisionFacts paused = opened();
  paused.outreach_enabled = false;
  CHECK(told(decide_outreach(paused, ledger)) == "suppress - paused");

  CHECK(told(decide_outreach(resolved(1h), ledger)) == "suppress - nothing_open");
  CHECK(told(decide_outreach(closed(Trigger::cancelled, 2h, Reason::no_data), ledger)) ==
        "suppress - nothing_open");
}

TEST_CASE("what was opened is closed though outreach is off, the rule demoted or the message unsayable") {
  OutreachLedger ledger;
  (void)decide_outreach(opened(), ledger);
  DecisionFacts facts = resolved(1h);
  facts.outreach_enabled = false;
  facts.rule_live = false;
  facts.has_outreach = false;
  facts.rendered = false;

  const Decision decision = decide_outreach(facts, ledger);

  CHECK(told(decision) == "send resolved/2 recovered");
  CHECK(decision.gates[0].detail == "outreach is off; what was opened is still closed");
}

TEST_CASE("a cancelled outreach says why") {
  for (const Reason reason : {Reason::no_data, Reason::rule_removed, Reason::erased}) {
    OutreachLedger ledger;
    (void)decide_outreach(opened(), ledger);
    CHECK(told(decide_outreach(closed(Trigger::cancelled, 1h, reason), ledger)) ==
          "send cancelled/2 " + std::string(to_string(reason)));
    CHECK(ledger.status == LedgerStatus::ended);
  }
}

TEST_CASE("a problem that comes back within the cooldown reopens its resolved outreach") {
  OutreachLedger ledger;
  (void)decide_outreach(opened(), ledger);
  (void)decide_outreach(resolved(2h), ledger);

  const Decision again = decide_outreach(opened(5h), ledger);

  CHECK(told(again) == "send updated/3 released");
  CHECK(again.trigger == Trigger::reopened);
  CHECK(again.outreach_start == kStart);
  CHECK(again.n == 1);  // decisions count by episode, and this is another one
  REQUIRE(again.previous.has_value());
  CHECK(again.previous->status == EventStatus::resolved);
  CHECK(ledger.reopened == 1);
  CHECK(told(decide_outreach(resolved(6h), ledger)) == "send resolved/4 recovered");
}

TEST_CASE("the cooldown runs in event time from the release of the opened to the start of the next episode") {
  struct Row {
    Duration start;
    Trigger closing;
    std::string_view told;
  };
  // The first was released at +10 min.
  const Row rows[] = {
      {24h + 10min - 1us, Trigger::resolved, "send updated/3 released"},
      {24h + 10min, Trigger::resolved, "send opened/1 released"},
      {24h + 10min - 1us, Trigger::cancelled,
       "suppress - cooldown"},  // ended, not resolved: nothing to reopen
      {24h + 10min, Trigger::cancelled, "send opened/1 released"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.start.count());
    CAPTURE(to_string(row.closing));
    OutreachLedger ledger;
    (void)decide_outreach(opened(), ledger);
    (void)decide_outreach(
        closed(row.closing, 2h, row.closing == Trigger::resolved ? Reason::recovered : Reason::no_data),
        ledger);
    CHECK(told(decide_outreach(opened(row.start), ledger)) == row.told);
  }
}

TEST_CASE("a new outreach after the cooldown is named by its own episode") {
  OutreachLedger ledger;
  (void)decide_outreach(opened(), ledger);
  (void)decide_outreach(resolved(2h), ledger);

  const Decision next = decide_outreach(opened(48h), ledger);

  CHECK(next.outreach_start == kStart + 48h);
  CHECK_FALSE(next.previous.has_value());
}

TEST_CASE(
    "an update is worth telling when the impact doubled and four hours have passed, or at once when "
    "critical") {
  struct Row {
    Duration after;
    double deviation;
    Severity severity;
    bool worth;
  };
  // Told of a deviation of 1 at +10 min.
  const Row rows[] = {
      {4h + 10min, 2.0, Severity::high, true},   {4h + 10min - 1us, 2.0, Severity::high, false},  // too soon
      {4h + 10min, 1.99, Severity::high, false},  // not doubled
      {11min, 2.0, Severity::critical, true},     // critical does not wait
      {11min, 1.5, Severity::critical, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.after.count());
    CAPTURE(row.deviation);
    OutreachLedger ledger;
    (void)decide_outreach(opened(), ledger);
    CHECK(worth_updating(ledger, row.deviation, kStart + row.after, row.severity) == row.worth);
    DecisionFacts facts = updated(row.after, row.deviation);
    facts.severity = row.severity;
    CHECK(told(decide_outreach(facts, ledger)) ==
          (row.worth ? "send updated/2 released" : "suppress - not_news"));
  }
}

TEST_CASE("an update counts from what was told last") {
  OutreachLedger ledger;
  (void)decide_outreach(opened(), ledger);
  (void)decide_outreach(updated(5h, 3), ledger);

  CHECK_FALSE(worth_updating(ledger, 5.9, kStart + 24h, Severity::high));
  CHECK(worth_updating(ledger, 6, kStart + 24h, Severity::high));
}

TEST_CASE("nothing is worth updating that nobody was told of") {
  OutreachLedger ledger;
  CHECK_FALSE(worth_updating(ledger, 1e9, kStart + 24h, Severity::critical));

  (void)decide_outreach(opened(), ledger);
  (void)decide_outreach(resolved(1h), ledger);
  CHECK_FALSE(worth_updating(ledger, 1e9, kStart + 24h, Severity::critical));
}

TEST_CASE("a rule in shadow repeats its decisions as a live one would, and sends nothing") {
  OutreachLedger ledger;
  const auto in_shadow = [](DecisionFacts facts) {
    facts.rule_live = false;
    return facts;
  };

  CHECK(told(decide_outreach(in_shadow(opened()), ledger)) == "shadow - shadow would send");
  CHECK_FALSE(worth_updating(ledger, 1.5, kStart + 6h, Severity::high));
  CHECK(worth_updating(ledger, 2, kStart + 6h, Severity::high));
  CHECK(told(decide_outreach(in_shadow(updated(6h, 2)), ledger)) == "shadow - shadow would send");
  CHECK_FALSE(worth_updating(ledger, 3, kStart + 12h, Severity::high));
  CHECK(told(decide_outreach(in_shadow(resolved(13h)), ledger)) == "shadow - shadow would send");

  const Decision again = decide_outreach(in_shadow(opened(14h)), ledger);
  CHECK(told(again) == "shadow - shadow would send");
  CHECK(again.trigger == Trigger::reopened);
  CHECK(again.outreach_start == kStart);
  CHECK(ledger.status == LedgerStatus::none);
  CHECK(ledger.revision == 0);
}

TEST_CASE("an episode that opened in shadow is not contacted when its rule turns live") {
  OutreachLedger ledger;
  DecisionFacts first = opened();
  first.rule_live = false;
  (void)decide_outreach(first, ledger);

  CHECK(told(decide_outreach(updated(6h, 5), ledger)) == "shadow - shadow would send");
  CHECK(told(decide_outreach(resolved(7h), ledger)) == "shadow - shadow would send");
  CHECK(told(decide_outreach(opened(8h), ledger)) == "send opened/1 released");
}

TEST_CASE("a demoted rule updates in shadow, at the pace of what was told, and still closes") {
  OutreachLedger ledger;
  (void)decide_outreach(opened(), ledger);
  DecisionFacts facts = updated(6h, 2);
  facts.rule_live = false;

  CHECK(told(decide_outreach(facts, ledger)) == "shadow - shadow would send");
  CHECK_FALSE(worth_updating(ledger, 3, kStart + 12h, Severity::high));
  CHECK(ledger.revision == 1);
  CHECK(told(decide_outreach(resolved(13h), ledger)) == "send resolved/2 recovered");
  CHECK(ledger.shadow_status == LedgerStatus::resolved);
}

TEST_CASE("an episode that opens while its outreach is still open is told as an update, not twice") {
  OutreachLedger ledger;
  (void)decide_outreach(opened(), ledger);

  CHECK(told(decide_outreach(opened(1h), ledger)) == "suppress - not_news");
  const Decision later = decide_outreach(opened(6h), ledger);
  CHECK(told(later) == "send updated/2 released");
  CHECK(later.outreach_start == kStart);
}

TEST_CASE("a ledger is forgotten when nothing is open and the cooldown is over") {
  OutreachLedger ledger;
  CHECK(forgettable(ledger, 24h, kStart));
  (void)decide_outreach(opened(), ledger);
  CHECK_FALSE(forgettable(ledger, 24h, kStart + 100h));
  (void)decide_outreach(resolved(1h), ledger);

  CHECK_FALSE(forgettable(ledger, 24h, kStart + 24h));
  CHECK(forgettable(ledger, 24h, kStart + 24h + 10min));
}

TEST_CASE("each reason, action and gate has its own name, and each reason a sentence") {
  std::string names;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    names += std::string(to_string(reason)) + ' ';
    CHECK(sentence(reason).ends_with("."));
  }
  CHECK(names ==
        "released recovered no_data rule_removed erased shadow paused no_outreach cooldown not_news "
        "nothing_open "
        "render_failed ");
}

}  // namespace proactive::daemon
