#include "rules/engine/episode.h"

#include <algorithm>
#include <chrono>

#include "models/base/check.h"

namespace proactive::rules {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStaleAfter = 48h;
constexpr Duration kPendingUnknownAtLeast = 1h;

Truth after_no_data(Truth truth, NoData no_data) {
  if (truth != Truth::unknown) return truth;
  switch (no_data) {
    case NoData::hold:
      return Truth::unknown;
    case NoData::ok:
      return Truth::no;
    case NoData::fire:
      return Truth::yes;
  }
  return truth;
}

Duration unknown_limit(const Episode& episode, const Rule& rule) {
  return episode.state == EpisodeState::pending ? std::max<Duration>(3 * rule.hold, kPendingUnknownAtLeast)
                                                : kStaleAfter;
}

// The truth under which the clock of a state runs, and how far it has to run.
struct Clock {
  bool runs = false;
  Duration length{};
};

Clock clock_of(const Episode& episode, const Rule& rule) {
  switch (episode.state) {
    case EpisodeState::pending:
      return {episode.last_truth == Truth::yes, rule.hold};
    case EpisodeState::recovering:
      return {episode.last_truth == Truth::no, rule.keep_firing_for};
    case EpisodeState::ok:
    case EpisodeState::firing:
      break;
  }
  return {};
}

// The time since the last step belongs to the last truth.
void let_time_pass(Episode& episode, const Rule& rule, Timestamp at) {
  const std::int64_t elapsed = at.time_since_epoch().count() - episode.last_step_us;
  episode.last_step_us = at.time_since_epoch().count();
  if (episode.state == EpisodeState::ok) return;
  if (episode.last_truth == Truth::unknown) episode.unknown_us += elapsed;
  if (clock_of(episode, rule).runs) episode.clock_us += elapsed;
}

void enter(Episode& episode, EpisodeState state) {
  episode.state = state;
  episode.since_us = episode.last_step_us;
  episode.clock_us = 0;
  episode.unknown_us = 0;
}

EpisodeChange end(Episode& episode, EpisodeChange how) {
  enter(episode, EpisodeState::ok);
  return how;
}

EpisodeChange fire(Episode& episode, EpisodeChange how) {
  enter(episode, EpisodeState::firing);
  return how;
}

EpisodeChange begin(Episode& episode, const Rule& rule) {
  episode.start_us = episode.last_step_us;
  episode.flaps = 0;
  if (rule.hold == Duration::zero()) return fire(episode, EpisodeChange::fired);
  enter(episode, EpisodeState::pending);
  return EpisodeChange::pending;
}

EpisodeChange on_yes(Episode& episode, const Rule& rule) {
  switch (episode.state) {
    case EpisodeState::ok:
      return begin(episode, rule);
    case EpisodeState::pending:
      if (Duration(episode.clock_us) >= rule.hold) return fire(episode, EpisodeChange::fired);
      return EpisodeChange::none;
    case EpisodeState::firing:
      return EpisodeChange::none;
    case EpisodeState::recovering:
      ++episode.flaps;
      return fire(episode, EpisodeChange::resumed);
  }
  return EpisodeChange::none;
}

EpisodeChange on_no(Episode& episode, const Rule& rule) {
  switch (episode.state) {
    case EpisodeState::ok:
      return EpisodeChange::none;
    case EpisodeState::pending:
      return end(episode, EpisodeChange::abandoned);
    case EpisodeState::firing:
      if (rule.keep_firing_for == Duration::zero()) return end(episode, EpisodeChange::resolved);
      enter(episode, EpisodeState::recovering);
      return EpisodeChange::recovering;
    case EpisodeState::recovering:
      if (Duration(episode.clock_us) >= rule.keep_firing_for) return end(episode, EpisodeChange::resolved);
      return EpisodeChange::none;
  }
  return EpisodeChange::none;
}

EpisodeChange on_unknown(Episode& episode, const Rule& rule) {
  if (episode.state == EpisodeState::ok) return EpisodeChange::none;
  if (Duration(episode.unknown_us) < unknown_limit(episode, rule)) return EpisodeChange::none;
  return end(episode,
             episode.state == EpisodeState::pending ? EpisodeChange::abandoned : EpisodeChange::stale);
}

EpisodeChange judge(Episode& episode, const Rule& rule, Truth truth) {
  switch (truth) {
    case Truth::yes:
      return on_yes(episode, rule);
    case Truth::no:
      return on_no(episode, rule);
    case Truth::unknown:
      return on_unknown(episode, rule);
  }
  return EpisodeChange::none;
}

}  // namespace

EpisodeChange advance_episode(Episode& episode, const Rule& rule, Truth truth, Timestamp at) {
  PROACTIVE_CHECK(at.time_since_epoch().count() >= episode.last_step_us || episode.state == EpisodeState::ok);
  truth = after_no_data(truth, rule.no_data);
  const std::optional<Timestamp> deadline = episode_deadline(episode, rule);
  let_time_pass(episode, rule, at);
  if (truth != Truth::unknown) episode.unknown_us = 0;
  const bool repeats = truth == episode.last_truth;
  episode.last_truth = truth;
  const EpisodeChange change = judge(episode, rule, truth);
  // Nobody woke us, but nothing else happened either: the new state began at the deadline.
  if (repeats && change != EpisodeChange::none && deadline)
    episode.since_us = deadline->time_since_epoch().count();
  return change;
}

std::optional<Timestamp> episode_deadline(const Episode& episode, const Rule& rule) {
  if (episode.state == EpisodeState::ok) return std::nullopt;
  const Timestamp last{Duration(episode.last_step_us)};
  if (episode.last_truth == Truth::unknown) {
    return last + (unknown_limit(episode, rule) - Duration(episode.unknown_us));
  }
  const Clock clock = clock_of(episode, rule);
  if (!clock.runs) return std::nullopt;
  return last + (clock.length - Duration(episode.clock_us));
}

}  // namespace proactive::rules
