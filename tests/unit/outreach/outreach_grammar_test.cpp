// The promise, over random histories: per outreach the sent events are
// `opened updated* (resolved updated+)* (resolved | cancelled)`, with revisions 1, 2, 3 ... and true causes.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <regex>
#include <string>

#include "daemon/outreach/decide.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

// One customer's ledger under a rule that is promoted, demoted, switched off and on while episodes come and go.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  void run() {
    for (int episode = 0; episode < 30; ++episode) {
      time_ += std::chrono::minutes(pick(1, 3000));
      start_ = time_;
      offer(Trigger::opened, Reason::recovered);
      for (int i = pick(0, 6); i > 0; --i) {
        time_ += std::chrono::minutes(pick(1, 600));
        deviation_ *= 0.5 + pick(0, 30) / 10.0;
        if (pick(0, 4) == 0 || worth_updating(ledger_, deviation_, time_, severity_)) {
          offer(Trigger::updated, Reason::recovered);
        }
      }
      time_ += std::chrono::minutes(pick(1, 600));
      const Reason reasons[] = {Reason::no_data, Reason::rule_removed, Reason::erased};
      if (pick(0, 3) > 0) {
        offer(Trigger::resolved, Reason::recovered);
      } else {
        offer(Trigger::cancelled, reasons[pick(0, 2)]);
      }
    }
  }

  std::map<std::int64_t, std::string> stories;  // by outreach: letters o u r c
  int faults = 0;

 private:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  void offer(Trigger trigger, Reason reason) {
    DecisionFacts facts;
    facts.trigger = trigger;
    facts.close_reason = reason;
    facts.outreach_enabled = pick(0, 9) > 0;
    facts.rule_live = pick(0, 5) > 0;
    facts.rendered = pick(0, 9) > 0;
    facts.cooldown = 24h;
    facts.severity = severity_ = static_cast<Severity>(pick(0, 3));
    facts.episode_start = start_;
    facts.at = time_;
    facts.deviation = deviation_;
    const Decision decision = decide_outreach(facts, ledger_);
    if (!decision.sends()) {
      if (decision.event.revision != 0) ++faults;
      return;
    }
    std::string& story = stories[decision.outreach_start.time_since_epoch().count()];
    const bool first = story.empty();
    const char letter = std::string("ourc")[static_cast<std::size_t>(decision.event.status)];
    if (decision.event.revision != story.size() + 1) ++faults;
    if (first == decision.previous.has_value()) ++faults;
    if (!first && decision.previous->revision != story.size()) ++faults;
    if (!first && std::string("ourc")[static_cast<std::size_t>(decision.previous->status)] != story.back())
      ++faults;
    story += letter;
  }

  std::mt19937 random_;
  OutreachLedger ledger_;
  Timestamp time_{std::chrono::hours(24 * 365 * 50)};
  Timestamp start_{};
  double deviation_ = 1;
  Severity severity_ = Severity::medium;
};

}  // namespace

TEST_CASE("every outreach that was opened is closed, in a story that receivers can rely on") {
  const std::regex grammar("ou*(ru+)*[rc]");
  std::size_t stories = 0;
  std::size_t reopened = 0;
  std::size_t cancelled = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    History history(seed);
    history.run();
    CHECK(history.faults == 0);
    for (const auto& entry : history.stories) {
      const std::string& story = entry.second;
      CAPTURE(story);
      CHECK(std::regex_match(story, grammar));
      ++stories;
      if (story.find("ru") != std::string::npos) ++reopened;
      if (story.back() == 'c') ++cancelled;
    }
  }
  // The histories are worth something only if they hold all of these.
  CHECK(stories > 1000);
  CHECK(reopened > 100);
  CHECK(cancelled > 100);
}

}  // namespace proactive::daemon
