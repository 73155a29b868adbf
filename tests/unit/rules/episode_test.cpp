#include "rules/engine/episode.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace proactive::rules {

std::ostream& operator<<(std::ostream& out, EpisodeState state) { return out << static_cast<int>(state); }
std::ostream& operator<<(std::ostream& out, EpisodeChange change) { return out << static_cast<int>(change); }

namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{std::chrono::seconds(1'767'571'200)};  // 2026-01-05

Rule rule_with(Duration hold, Duration keep_firing_for, NoData no_data = NoData::hold) {
  Rule rule;
  rule.hold = hold;
  rule.keep_firing_for = keep_firing_for;
  rule.no_data = no_data;
  return rule;
}

struct Step {
  Duration after;
  Truth truth;
};

struct Happened {
  Timestamp at;
  EpisodeChange change;
  bool operator==(const Happened&) const = default;
};

// A step with timers: every deadline on the way is a step of its own, under the last truth.
void step_with_timers(Episode& episode, const Rule& rule, Truth truth, Timestamp at,
                      std::vector<Happened>& happened) {
  const auto step = [&](Truth under, Timestamp when) {
    const EpisodeChange change = advance_episode(episode, rule, under, when);
    if (change != EpisodeChange::none) happened.push_back({when, change});
  };
  for (auto deadline = episode_deadline(episode, rule); deadline && *deadline < at;) {
    step(episode.last_truth, *deadline);
    const auto next = episode_deadline(episode, rule);
    REQUIRE(next != deadline);  // a deadline is taken, or it was none
    deadline = next;
  }
  step(truth, at);
}

std::vector<EpisodeChange> walk(Episode& episode, const Rule& rule, const std::vector<Step>& steps) {
  std::vector<Happened> happened;
  for (const Step& step : steps) step_with_timers(episode, rule, step.truth, kStart + step.after, happened);
  std::vector<EpisodeChange> changes;
  for (const Happened& one : happened) changes.push_back(one.change);
  return changes;
}

Episode in_state(EpisodeState state, const Rule& rule) {
  Episode episode;
  switch (state) {
    case EpisodeState::ok:
      walk(episode, rule, {{0s, Truth::no}});
      break;
    case EpisodeState::pending:
      walk(episode, rule, {{0s, Truth::yes}});
      break;
    case EpisodeState::firing:
      walk(episode, rule, {{0s, Truth::yes}, {rule.hold, Truth::yes}});
      break;
    case EpisodeState::recovering:
      walk(episode, rule, {{0s, Truth::yes}, {rule.hold, Truth::yes}, {rule.hold + 1min, Truth::no}});
      break;
  }
  REQUIRE(episode.state == state);
  return episode;
}

TEST_CASE("every state answers every truth as the table in rules.md says") {
  struct Row {
    EpisodeState from;
    Truth truth;
    EpisodeState to;
    EpisodeChange change;
  };
  using enum EpisodeState;
  const Row rows[] = {
      {ok, Truth::yes, pending, EpisodeChange::pending},              // a condition begins
      {ok, Truth::no, ok, EpisodeChange::none},                       // quiet stays quiet
      {ok, Truth::unknown, ok, EpisodeChange::none},                  // unknown never fires
      {pending, Truth::yes, pending, EpisodeChange::none},            // true, but not for long enough
      {pending, Truth::no, ok, EpisodeChange::abandoned},             // a blip
      {pending, Truth::unknown, pending, EpisodeChange::none},        // the clock pauses
      {firing, Truth::yes, firing, EpisodeChange::none},              // still there
      {firing, Truth::no, recovering, EpisodeChange::recovering},     // maybe over
      {firing, Truth::unknown, firing, EpisodeChange::none},          // unknown never resolves
      {recovering, Truth::yes, firing, EpisodeChange::resumed},       // the same episode again
      {recovering, Truth::no, recovering, EpisodeChange::none},       // not false for long enough
      {recovering, Truth::unknown, recovering, EpisodeChange::none},  // the clock pauses
  };
  const Rule rule = rule_with(10min, 20min);
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.from));
    CAPTURE(static_cast<int>(row.truth));
    Episode episode = in_state(row.from, rule);

    const Timestamp at = Timestamp(Duration(episode.last_step_us)) + 1min;
    CHECK(advance_episode(episode, rule, row.truth, at) == row.change);

    CHECK(episode.state == row.to);
    CHECK(episode.last_truth == row.truth);
  }
}

TEST_CASE("a rule without durations fires at once and resolves at once") {
  const Rule rule = rule_with(0s, 0s);
  Episode episode;

  const auto changes = walk(episode, rule, {{0s, Truth::yes}, {1min, Truth::no}});

  CHECK(changes == std::vector{EpisodeChange::fired, EpisodeChange::resolved});
  CHECK(episode.state == EpisodeState::ok);
}

TEST_CASE("an episode fires exactly when its condition has been true for the whole of `for`") {
  const Rule rule = rule_with(10min, 0s);
  Episode episode = in_state(EpisodeState::pending, rule);
  REQUIRE(episode_deadline(episode, rule) == kStart + 10min);

  CHECK(advance_episode(episode, rule, Truth::yes, kStart + 9min) == EpisodeChange::none);
  CHECK(advance_episode(episode, rule, Truth::yes, kStart + 10min) == EpisodeChange::fired);

  CHECK(Timestamp(Duration(episode.start_us)) == kStart);
  CHECK(Timestamp(Duration(episode.since_us)) == kStart + 10min);
}

TEST_CASE("a condition that ends at the very deadline does not fire") {
  const Rule rule = rule_with(10min, 0s);
  Episode episode = in_state(EpisodeState::pending, rule);

  CHECK(advance_episode(episode, rule, Truth::no, kStart + 10min) == EpisodeChange::abandoned);
}

TEST_CASE(
    "without timers the next evaluation decides: it fires if still true, and does not if the condition has "
    "ended") {
  struct Row {
    EpisodeState from;
    Truth truth;
    EpisodeChange change;
    Duration since;  // 40 minutes is the step, earlier the deadline or the state as it was
  };
  const Row rows[] = {
      {EpisodeState::pending, Truth::yes, EpisodeChange::fired, 10min},  // as if woken
      {EpisodeState::pending, Truth::no, EpisodeChange::abandoned,
       40min},                                                             // over before anybody looked again
      {EpisodeState::pending, Truth::unknown, EpisodeChange::none, 0min},  // unknown never fires
      {EpisodeState::recovering, Truth::no, EpisodeChange::resolved, 31min},   // as if woken
      {EpisodeState::recovering, Truth::yes, EpisodeChange::resumed, 40min},   // the same episode again
      {EpisodeState::recovering, Truth::unknown, EpisodeChange::none, 11min},  // unknown never resolves
  };
  const Rule rule = rule_with(10min, 20min);
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.from));
    CAPTURE(static_cast<int>(row.truth));
    Episode episode = in_state(row.from, rule);

    CHECK(advance_episode(episode, rule, row.truth, kStart + 40min) == row.change);

    CHECK(Timestamp(Duration(episode.since_us)) == kStart + row.since);
    CHECK(Timestamp(Duration(episode.last_step_us)) == kStart + 40min);
  }
}

TEST_CASE("unknown time counts neither for firing nor for resolving") {
  const Rule rule = rule_with(10min, 20min);
  Episode episode;

  CHECK(walk(episode, rule,
             {{0min, Truth::yes}, {6min, Truth::unknown}, {30min, Truth::yes}, {33min, Truth::yes}}) ==
        std::vector{EpisodeChange::pending});
  CHECK(episode_deadline(episode, rule) == kStart + 34min);  // 6 of 10 minutes before the gap, 4 after it
  CHECK(walk(episode, rule,
             {{34min, Truth::yes}, {40min, Truth::no}, {55min, Truth::unknown}, {90min, Truth::no}}) ==
        std::vector{EpisodeChange::fired, EpisodeChange::recovering});
  CHECK(episode_deadline(episode, rule) == kStart + 95min);  // 15 of 20 minutes before the gap
  CHECK(walk(episode, rule, {{95min, Truth::no}}) == std::vector{EpisodeChange::resolved});
}

TEST_CASE("a pending episode ends after three times `for` of unknown, and after an hour at least") {
  struct Row {
    Duration hold;
    Duration limit;
  };
  const Row rows[] = {
      {10min, 1h},  // three times `for` would be too short
      {20min, 1h},  // equal
      {2h, 6h},     // three times `for`
  };
  for (const Row& row : rows) {
    const Rule rule = rule_with(row.hold, 0s);
    Episode episode = in_state(EpisodeState::pending, rule);

    CHECK(advance_episode(episode, rule, Truth::unknown, kStart) == EpisodeChange::none);
    CHECK(episode_deadline(episode, rule) == kStart + row.limit);
    CHECK(advance_episode(episode, rule, Truth::unknown, kStart + row.limit - 1us) == EpisodeChange::none);
    CHECK(advance_episode(episode, rule, Truth::unknown, kStart + row.limit) == EpisodeChange::abandoned);
  }
}

TEST_CASE("a firing or recovering episode ends as stale after 48 hours of unknown without a break") {
  const Rule rule = rule_with(10min, 20min);
  for (const EpisodeState state : {EpisodeState::firing, EpisodeState::recovering}) {
    Episode episode = in_state(state, rule);
    const Timestamp from = Timestamp(Duration(episode.last_step_us)) + 1min;

    CHECK(advance_episode(episode, rule, Truth::unknown, from) == EpisodeChange::none);
    CHECK(episode_deadline(episode, rule) == from + 48h);
    CHECK(advance_episode(episode, rule, Truth::unknown, from + 48h - 1us) == EpisodeChange::none);
    CHECK(advance_episode(episode, rule, Truth::unknown, from + 48h) == EpisodeChange::stale);
    CHECK(episode.state == EpisodeState::ok);
  }
}

TEST_CASE("one known moment restarts the count of unknown time") {
  const Rule rule = rule_with(0s, 20min);
  Episode episode;

  const auto changes = walk(episode, rule,
                            {{0h, Truth::yes},
                             {1h, Truth::unknown},
                             {40h, Truth::yes},
                             {41h, Truth::unknown},
                             {88h, Truth::unknown}});

  CHECK(changes == std::vector{EpisodeChange::fired});
  CHECK(episode_deadline(episode, rule) == kStart + 89h);
}

TEST_CASE("an episode that flaps keeps its start and counts the flaps") {
  const Rule rule = rule_with(10min, 20min);
  Episode episode;

  walk(episode, rule,
       {{0min, Truth::yes},
        {10min, Truth::yes},
        {12min, Truth::no},
        {15min, Truth::yes},
        {18min, Truth::no},
        {20min, Truth::yes}});

  CHECK(episode.state == EpisodeState::firing);
  CHECK(episode.flaps == 2);
  CHECK(Timestamp(Duration(episode.start_us)) == kStart);
}

TEST_CASE(
    "the next episode has its own start and no flaps, while the ended one's start stays readable until "
    "then") {
  const Rule rule = rule_with(0min, 5min);
  Episode episode;

  walk(episode, rule,
       {{0min, Truth::yes}, {1min, Truth::no}, {2min, Truth::yes}, {3min, Truth::no}, {8min, Truth::no}});
  CHECK(episode.state == EpisodeState::ok);
  CHECK(Timestamp(Duration(episode.start_us)) == kStart);

  walk(episode, rule, {{30min, Truth::yes}});
  CHECK(Timestamp(Duration(episode.start_us)) == kStart + 30min);
  CHECK(episode.flaps == 0);
}

TEST_CASE("no_data turns unknown into what the rule says, for firing and for resolving") {
  struct Row {
    NoData no_data;
    std::vector<EpisodeChange> changes;
  };
  const Row rows[] = {
      {NoData::hold, {EpisodeChange::fired}},  // the default: unknown changes nothing
      {NoData::ok, {EpisodeChange::fired, EpisodeChange::recovering}},  // silence is health
      {NoData::fire, {EpisodeChange::fired}},                           // silence is trouble
  };
  for (const Row& row : rows) {
    const Rule rule = rule_with(0s, 20min, row.no_data);
    Episode episode;
    CHECK(walk(episode, rule, {{0s, Truth::yes}, {1min, Truth::unknown}}) == row.changes);
  }
  Episode fresh;
  CHECK(walk(fresh, rule_with(0s, 0s, NoData::fire), {{0s, Truth::unknown}}) ==
        std::vector{EpisodeChange::fired});
}

// ---- against a reference that knows no shortcuts: one tick a minute, whole histories, nothing incremental
// -------------

struct Reference {
  const Rule& rule;
  EpisodeState state = EpisodeState::ok;
  int start = 0, flaps = 0, good = 0, unknown = 0;  // minutes

  void minute_passes(Truth past) {
    if (state == EpisodeState::ok) return;
    if (past == Truth::unknown) ++unknown;
    if (state == EpisodeState::pending && past == Truth::yes) ++good;
    if (state == EpisodeState::recovering && past == Truth::no) ++good;
  }

  EpisodeChange judge(int now, Truth truth) {
    const int hold = static_cast<int>(rule.hold / 1min), keep = static_cast<int>(rule.keep_firing_for / 1min);
    if (truth != Truth::unknown) unknown = 0;
    const auto go = [&](EpisodeState to, EpisodeChange change) {
      state = to;
      good = unknown = 0;
      return change;
    };
    switch (state) {
      case EpisodeState::ok:
        if (truth != Truth::yes) return EpisodeChange::none;
        start = now;
        flaps = 0;
        return hold == 0 ? go(EpisodeState::firing, EpisodeChange::fired)
                         : go(EpisodeState::pending, EpisodeChange::pending);
      case EpisodeState::pending:
        if (truth == Truth::no) return go(EpisodeState::ok, EpisodeChange::abandoned);
        if (truth == Truth::yes && good >= hold) return go(EpisodeState::firing, EpisodeChange::fired);
        if (unknown >= std::max(60, 3 * hold)) return go(EpisodeState::ok, EpisodeChange::abandoned);
        return EpisodeChange::none;
      case EpisodeState::firing:
        if (truth == Truth::no) {
          return keep == 0 ? go(EpisodeState::ok, EpisodeChange::resolved)
                           : go(EpisodeState::recovering, EpisodeChange::recovering);
        }
        return unknown >= 48 * 60 ? go(EpisodeState::ok, EpisodeChange::stale) : EpisodeChange::none;
      case EpisodeState::recovering:
        if (truth == Truth::yes) {
          ++flaps;
          return go(EpisodeState::firing, EpisodeChange::resumed);
        }
        if (truth == Truth::no && good >= keep) return go(EpisodeState::ok, EpisodeChange::resolved);
        return unknown >= 48 * 60 ? go(EpisodeState::ok, EpisodeChange::stale) : EpisodeChange::none;
    }
    return EpisodeChange::none;
  }
};

rc::Gen<Truth> any_truth() { return rc::gen::element(Truth::no, Truth::yes, Truth::unknown); }

// Mostly minutes, now and then days, so that every limit is crossed.
rc::Gen<int> any_minutes() {
  return rc::gen::weightedOneOf<int>(
      {{8, rc::gen::inRange(0, 15)}, {2, rc::gen::inRange(30, 400)}, {1, rc::gen::inRange(2000, 6000)}});
}

std::vector<std::pair<int, Truth>> any_history() {
  std::vector<std::pair<int, Truth>> history;
  int now = 0;
  for (const int minutes : *rc::gen::container<std::vector<int>>(any_minutes())) {
    now += minutes;
    history.emplace_back(now, *any_truth());
  }
  return history;
}

Rule any_rule() {
  return rule_with(std::chrono::minutes(*rc::gen::element(0, 1, 10, 45)),
                   std::chrono::minutes(*rc::gen::element(0, 1, 20, 90)));
}

TEST_CASE("any history of verdicts gives the episodes of a reference that ticks every minute") {
  const bool equal = rc::check([] {
    const Rule rule = any_rule();
    const auto history = any_history();
    Episode episode;
    std::vector<Happened> seen, wanted;
    Reference reference{rule};
    Truth last = Truth::unknown;
    int now = 0;
    for (const auto& [minute, truth] : history) {
      step_with_timers(episode, rule, truth, kStart + std::chrono::minutes(minute), seen);
      const auto note = [&](int when, EpisodeChange change) {
        if (change != EpisodeChange::none) wanted.push_back({kStart + std::chrono::minutes(when), change});
      };
      while (now < minute) {
        reference.minute_passes(last);
        ++now;
        if (now < minute) note(now, reference.judge(now, last));
      }
      note(now, reference.judge(now, truth));
      last = truth;
    }
    RC_ASSERT(seen == wanted);
    RC_ASSERT(episode.state == reference.state);
    if (reference.state != EpisodeState::ok) {
      RC_ASSERT(episode.flaps == static_cast<std::uint32_t>(reference.flaps));
      RC_ASSERT(Timestamp(Duration(episode.start_us)) == kStart + std::chrono::minutes(reference.start));
    }
  });
  CHECK(equal);
}

TEST_CASE("steps that only repeat the last truth change nothing, however many there are") {
  const bool equal = rc::check([] {
    const Rule rule = any_rule();
    const auto history = any_history();
    Episode sparse, dense;
    std::vector<EpisodeChange> sparse_changes, dense_changes;
    const auto step = [&rule](Episode& episode, std::vector<EpisodeChange>& changes, Truth truth,
                              int minute) {
      const auto made = walk(episode, rule, {{std::chrono::minutes(minute), truth}});
      changes.insert(changes.end(), made.begin(), made.end());
    };
    std::optional<Truth> last;
    int now = 0;
    for (const auto& [minute, truth] : history) {
      step(sparse, sparse_changes, truth, minute);
      if (last) {
        for (const int between :
             *rc::gen::container<std::vector<int>>(3, rc::gen::inRange(now, std::max(now + 1, minute)))) {
          now = std::max(now, between);
          if (now < minute) step(dense, dense_changes, *last, now);
        }
      }
      step(dense, dense_changes, truth, minute);
      last = truth;
      now = minute;
    }
    RC_ASSERT(sparse_changes == dense_changes);
    RC_ASSERT(sparse.state == dense.state);
    RC_ASSERT(sparse.start_us == dense.start_us);
    RC_ASSERT(sparse.since_us == dense.since_us);
    RC_ASSERT(sparse.clock_us == dense.clock_us);
    RC_ASSERT(sparse.unknown_us == dense.unknown_us);
    RC_ASSERT(sparse.flaps == dense.flaps);
  });
  CHECK(equal);
}

}  // namespace
}  // namespace proactive::rules
