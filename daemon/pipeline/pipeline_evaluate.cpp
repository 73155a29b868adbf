#include <algorithm>
#include <cmath>

#include "daemon/outreach/decide.h"
#include "daemon/pipeline/pipeline_impl.h"
#include "daemon/pipeline/profile_view.h"

namespace proactive::daemon {
namespace {

using rules::EpisodeChange;
using rules::EpisodeState;

// The leaf that explains the episode best: the first that is true now, else the first at all.
const rules::Leaf& leading_leaf(const rules::Rule& rule, std::uint16_t matched) {
  for (std::size_t i = 0; i < rule.when.leaves.size(); ++i) {
    if ((matched >> i & 1) != 0) return rule.when.leaves[i];
  }
  return rule.when.leaves.front();
}

}  // namespace

// What is known of the rule's measures at `at_us`. Own-clock rules see the open bucket; all others see what is closed.
void Pipeline::Impl::gather(const Entity& entity, const rules::Rule& rule, std::int64_t at_us,
                            rules::MeasureIndex closed, const rules::MeasureFact* closed_fact) {
  facts.clear();
  const bool own = plans->own_clock(rule.index);
  for (std::size_t i = 0; i < rule.measures.size(); ++i) {
    const rules::MeasureIndex m = rule.measures[i].plan;
    if (closed_fact != nullptr && m == closed) {
      facts.push_back(*closed_fact);
      continue;
    }
    const Series* series = CustomerStore::find_series(entity, m);
    if (series == nullptr) {
      facts.emplace_back();
      continue;
    }
    const SeriesPlan& plan = plans->plan(m);
    if (plan.joint()) {
      facts.push_back(plan.joint_fact(series->block()));
      continue;
    }
    if (!plan.absence()) {
      const std::int64_t bucket =
          own ? plan.bucket_of(at_us) : SeriesPlan::head(series->block()).closed_bucket;
      facts.push_back(plan.fact(series->block(), bucket, !own));
      continue;
    }
    const AbsenceHead& a = SeriesPlan::absence_head(series->block());
    rules::MeasureFact fact;
    fact.silent = a.silent_since_us != kNoTime;
    fact.absence_known =
        a.seen_us != kNoTime && (!fact.silent || at_us - a.seen_us <= plans->once_seen_us(m));
    fact.known = a.seen_us != kNoTime;
    fact.value = fact.silent ? static_cast<double>(at_us - a.seen_us) / 1e6 : 0;  // seconds of silence
    facts.push_back(fact);
  }
}

void Pipeline::Impl::evaluate(Entity& entity, rules::RuleIndex index, std::int64_t at_us,
                              rules::MeasureIndex closed, const rules::MeasureFact* closed_fact, Step step) {
  if (silent) return;
  const rules::Rule& rule = rules->rules[index];
  ++counts.evaluations;
  gather(entity, rule, at_us, closed, closed_fact);

  const EpisodeSlot* known = CustomerStore::find_episode(entity, index);
  const EpisodeState state = known == nullptr ? EpisodeState::ok : known->record.episode.state;
  const std::uint16_t latched = known == nullptr ? std::uint16_t{0} : known->record.episode.latched;
  const bool open = state == EpisodeState::firing || state == EpisodeState::recovering;
  const ProfileView profile(entity.customer->profile.get());
  const rules::Verdict verdict = rules::evaluate(rule, facts, profile, open, latched);
  // Most evaluations change nothing: they must not dirty a state record.
  const bool may_begin = verdict.truth == rules::Truth::yes ||
                         (verdict.truth == rules::Truth::unknown && rule.no_data == rules::NoData::fire);
  if (state == EpisodeState::ok && !may_begin && verdict.latched == latched) {
    if (EpisodeSlot* over = CustomerStore::find_episode(entity, index)) forget_if_idle(*over, at_us);
    return;
  }

  EpisodeSlot* slot = store->episode(entity, index);
  if (slot == nullptr) return;  // no room: counted by the store
  rules::Episode& episode = slot->record.episode;
  if (state == EpisodeState::ok) episode.last_step_us = std::min(episode.last_step_us, at_us);
  at_us = std::max(at_us, episode.last_step_us);
  episode.latched = verdict.latched;
  const EpisodeChange change = rules::advance_episode(episode, rule, verdict.truth, at_micros(at_us));

  const rules::Leaf& leaf = leading_leaf(rule, verdict.matched);
  const double deviation = deviation_of(leaf, facts[leaf.measure], profile);
  switch (change) {
    case EpisodeChange::fired:
      pending_effects.rules[index].changed = true;
      ++pending_effects.rules[index].opened;
      announce(*slot, {Trigger::opened, Reason::recovered, verdict.matched, deviation, at_us}, step);
      break;
    case EpisodeChange::resolved:
      announce(*slot, {Trigger::resolved, Reason::recovered, verdict.matched, deviation, at_us}, step);
      break;
    case EpisodeChange::stale:
      announce(*slot, {Trigger::cancelled, Reason::no_data, verdict.matched, deviation, at_us}, step);
      break;
    case EpisodeChange::none:
      if (episode.state == EpisodeState::firing && verdict.truth == rules::Truth::yes &&
          worth_updating(slot->record.ledger, deviation, at_micros(at_us), rule.severity)) {
        announce(*slot, {Trigger::updated, Reason::recovered, verdict.matched, deviation, at_us}, step);
      }
      break;
    case EpisodeChange::pending:
    case EpisodeChange::abandoned:
    case EpisodeChange::recovering:
    case EpisodeChange::resumed:
      break;
  }
  forget_if_idle(*slot, at_us);
}

// How far the leading measure is from what it should be, in its own unit.
double Pipeline::Impl::deviation_of(const rules::Leaf& leaf, const rules::MeasureFact& fact,
                                    const ProfileView& profile) {
  if (const auto* threshold = std::get_if<rules::Threshold>(&leaf.test)) {
    return std::abs(fact.value - limit_of(threshold->open, profile).value_or(fact.value));
  }
  if (const auto* reaches = std::get_if<rules::Reaches>(&leaf.test)) {
    // How urgent it is: 1 a whole `within` ahead, 2 at half of it.
    constexpr double kLeast = 0.05;
    const auto foreseen = rules::foreseen(*reaches, fact, profile);
    if (!foreseen) return 0;
    const double left = static_cast<double>(rules::time_left(*foreseen, fact).count());
    return 1 / std::max(left / static_cast<double>(reaches->within.count()), kLeast);
  }
  if (std::holds_alternative<rules::Unusual>(leaf.test)) {
    return std::abs(fact.value - static_cast<double>(fact.score.expected));
  }
  return fact.value;
}

// An episode that is over and of which nothing must be remembered.
void Pipeline::Impl::forget_if_idle(EpisodeSlot& slot, std::int64_t at_us) {
  const rules::Episode& episode = slot.record.episode;
  if (episode.state != EpisodeState::ok || episode.latched != 0) return;
  const rules::Rule& rule = rules->rules[slot.rule];
  const Duration cooldown = rule.outreach ? rule.outreach->cooldown : Duration{};
  if (!forgettable(slot.record.ledger, cooldown, at_micros(at_us))) return;
  Entity& entity = *slot.entity;
  store->erase(slot);
  // It put the end of the entity's time to live off.
  const std::int64_t expiry = expiry_us(entity);
  if (expiry >= entity.expiry_timer_us) return;
  entity.expiry_timer_us = expiry;
  timers.add({expiry, entity.order, entity.slot, entity.generation});
}

}  // namespace proactive::daemon
