#include <algorithm>
#include <cmath>
#include <limits>

#include <date/tz.h>

#include "daemon/pipeline/pipeline_impl.h"
#include "models/base/check.h"

namespace proactive::daemon {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;

}  // namespace

// Closes are spread over the first minute behind a bucket's end, by a fixed share of the customer, in whole seconds.
std::int64_t Pipeline::Impl::close_share_us(const Customer& customer, const SeriesPlan& plan) const {
  const std::int64_t span_s = std::min(plan.step_us(), kMinuteUs) / 1'000'000;
  return span_s == 0 ? 0
                     : static_cast<std::int64_t>((customer.hash >> 32) % static_cast<std::uint64_t>(span_s)) *
                           1'000'000;
}

std::int64_t Pipeline::Impl::series_due_us(const Series& series) const {
  const SeriesPlan& plan = plans->plan(series.measure);
  if (plan.activity() || plan.joint()) return INT64_MAX;
  if (plan.absence()) {
    const AbsenceHead& a = SeriesPlan::absence_head(series.block());
    if (a.seen_us == kNoTime) return INT64_MAX;
    if (a.silent_since_us == kNoTime) return a.from_us() + plan.silence_us();
    if (a.first_ahead_us != kNoTime) return std::max(a.first_ahead_us, a.silent_since_us);
    return a.lapsed != 0 ? INT64_MAX
                         : std::max(a.silent_since_us, a.seen_us + plans->once_seen_us(series.measure)) + 1;
  }
  const SeriesHead& h = SeriesPlan::head(series.block());
  if (h.closing == 0) return INT64_MAX;
  return plan.end_of(h.closed_bucket + 1) + close_share_us(*series.entity->customer, plan);
}

// When an open episode must be looked at although no record asks for it.
std::int64_t Pipeline::Impl::episode_due_us(const EpisodeSlot& slot) const {
  const rules::Episode& episode = slot.record.episode;
  if (episode.state == rules::EpisodeState::ok) return INT64_MAX;
  const bool own = plans->own_clock(slot.rule);
  if (!own && !plans->absence_only(slot.rule)) return INT64_MAX;  // the closes look at it
  std::int64_t due = INT64_MAX;
  if (const auto deadline = rules::episode_deadline(episode, rules->rules[slot.rule]))
    due = micros(*deadline);
  if (own) {
    // Windows age: at the next bucket's beginning the verdict may be another.
    const std::int64_t step = plans->least_step_us(slot.rule);
    if (step != INT64_MAX) due = std::min(due, (episode.last_step_us / step + 1) * step);
  }
  return due;
}

std::int64_t Pipeline::Impl::entity_due_us(const Entity& entity) const {
  std::int64_t due = INT64_MAX;
  for (const Series* series : entity.series) due = std::min(due, series_due_us(*series));
  if (silent) return due;  // episodes are those of the committed offset already
  for (const EpisodeSlot* episode : entity.episodes) due = std::min(due, episode_due_us(*episode));
  return due;
}

std::int64_t Pipeline::Impl::expiry_us(const Entity& entity) const {
  std::int64_t newest = entity.newest_us;
  for (const EpisodeSlot* episode : entity.episodes)
    newest = std::max(newest, episode->record.episode.last_step_us);
  if (newest == INT64_MIN) return INT64_MAX;
  return newest + setup->limits.state_ttl.count() +
         static_cast<std::int64_t>(entity.customer->hash % static_cast<std::uint64_t>(kHourUs));
}

void Pipeline::Impl::schedule(Entity& entity) { schedule(entity, entity_due_us(entity)); }

void Pipeline::Impl::schedule(Entity& entity, std::int64_t due) {
  if (due < entity.timer_us) {
    entity.timer_us = due;
    timers.add({due, entity.order, entity.slot, entity.generation});
  }
  if (!silent && entity.expiry_timer_us == INT64_MAX) {
    const std::int64_t expiry = expiry_us(entity);
    if (expiry != INT64_MAX) {
      entity.expiry_timer_us = expiry;
      timers.add({expiry, entity.order, entity.slot, entity.generation});
    }
  }
}

void Pipeline::Impl::refresh_own_due(Customer& customer) {
  customer.own_due_us = INT64_MAX;
  if (customer.episodes == 0) return;
  for (const Entity* entity : customer.entities) {
    for (const EpisodeSlot* episode : entity->episodes) {
      if (plans->own_clock(episode->rule)) {
        customer.own_due_us = std::min(customer.own_due_us, episode_due_us(*episode));
      }
    }
  }
}

// Everything of this entity that is due at `due_us` or before, in due order. What becomes due later waits its turn.
void Pipeline::Impl::run_entity(Entity& entity, std::int64_t due_us, Step step) {
  if (!silent && expiry_us(entity) <= due_us) return expire(entity, step);
  Customer& customer = *entity.customer;
  for (;;) {
    const std::int64_t next = entity_due_us(entity);
    if (next > due_us) break;
    close_buckets(entity, next, step);
    judge_together(entity, step);
    for (std::size_t i = 0; i < entity.series.size(); ++i) {
      Series& series = *entity.series[i];
      if (plans->plan(series.measure).absence() && series_due_us(series) <= next) {
        judge_silence(entity, series, next, step);
      }
    }
    // Evaluation may erase an episode: walk by rule.
    for (rules::RuleIndex rule = 0; rule < rules->rules.size() && !entity.episodes.empty(); ++rule) {
      const EpisodeSlot* episode = CustomerStore::find_episode(entity, rule);
      if (episode != nullptr && episode_due_us(*episode) <= next) {
        evaluate(entity, rule, next, plans->activity(), nullptr, step);
      }
    }
  }
  schedule(entity);
  refresh_own_due(customer);
}

// Closes the buckets that are due and evaluates the rules that look at them, bucket end by bucket end.
void Pipeline::Impl::close_buckets(Entity& entity, std::int64_t due_us, Step step) {
  just_closed.clear();
  for (std::size_t i = 0; i < entity.series.size(); ++i) {
    Series& series = *entity.series[i];
    const SeriesPlan& plan = plans->plan(series.measure);
    if (plan.absence() || series_due_us(series) > due_us) continue;
    store->touch_models(series);
    const std::int64_t number = SeriesPlan::head(series.block()).closed_bucket + 1;
    const std::int64_t end_us = plan.end_of(number);
    const Series* activity =
        plan.counts_zeros() ? CustomerStore::find_series(entity, plans->activity()) : nullptr;
    const bool active = activity != nullptr &&
                        SeriesPlan::active_before(activity->block(), end_us, plan.activity_hours(), false);
    const bool interrupted = watermark.interrupted(end_us - plan.step_us(), end_us);
    const int offset_s = plan.measure().in_local_time() ? utc_offset_s(*entity.customer, end_us) : 0;
    const rules::MeasureFact fact = plan.close_next(series.block(), interrupted, active, offset_s);
    ++counts.buckets_closed;
    just_closed.push_back(series.measure);
    if (fact.scored) ++counts.scores;
    for (const rules::RuleIndex rule : plans->watermark_rules(series.measure)) {
      evaluate(entity, rule, end_us, series.measure, &fact, step);
    }
    if (!keeps_closing(entity, series)) SeriesPlan::head(series.block()).closing = 0;
  }
}

// Joint series of which members have just closed a bucket: all members that close have the same step, and close in one go.
// A member that did not is silent, or begins behind this bucket: missing.
void Pipeline::Impl::judge_together(Entity& entity, Step step) {
  for (const rules::MeasureIndex index : plans->joints(entity.type)) {
    const SeriesPlan& plan = plans->plan(index);
    row.clear();
    std::int64_t bucket = kNoTime, last_event_us = kNoTime;
    bool any = false;
    for (const rules::MeasureIndex member : plan.measure().members) {
      row.push_back(std::numeric_limits<double>::quiet_NaN());
      if (std::find(just_closed.begin(), just_closed.end(), member) == just_closed.end()) continue;
      const std::byte* block = CustomerStore::find_series(entity, member)->block();
      bucket = SeriesPlan::head(block).closed_bucket;
      last_event_us = std::max(last_event_us, SeriesPlan::head(block).last_event_us);
      row.back() = plans->plan(member).residual(block, bucket);
      any = any || std::isfinite(row.back());
    }
    if (bucket == kNoTime) continue;
    Series* joint = CustomerStore::find_series(entity, index);
    if (!any && (joint == nullptr || SeriesPlan::joint_head(joint->block()).ready == 0)) continue;
    if (joint == nullptr && silent) continue;  // a replay finds what it needs in the changelog
    joint = store->series(entity, index, 0, 0);
    if (joint == nullptr) continue;  // no room: counted by the store
    if (bucket <= SeriesPlan::joint_head(joint->block()).closed_bucket) continue;
    const rules::MeasureFact fact = plan.judge_row(joint->block(), bucket, last_event_us, row);
    if (fact.scored) ++counts.scores;
    for (const rules::RuleIndex rule : plans->watermark_rules(index)) {
      evaluate(entity, rule, plan.end_of(bucket), index, &fact, step);
    }
  }
}

bool Pipeline::Impl::keeps_closing(const Entity& entity, const Series& series) const {
  const SeriesPlan& plan = plans->plan(series.measure);
  const Series* activity =
      plan.counts_zeros() ? CustomerStore::find_series(entity, plans->activity()) : nullptr;
  const std::int64_t next_end = plan.end_of(SeriesPlan::head(series.block()).closed_bucket + 1);
  const bool maybe_active = activity != nullptr && SeriesPlan::active_before(activity->block(), next_end,
                                                                             plan.activity_hours(), true);
  if (plan.wants_close(series.block(), maybe_active)) return true;
  for (const rules::RuleIndex rule : plans->watermark_rules(series.measure)) {
    const EpisodeSlot* episode = CustomerStore::find_episode(entity, rule);
    if (episode != nullptr && episode->record.episode.state != rules::EpisodeState::ok) return true;
  }
  return false;
}

// A silence becomes certain when the watermark passes its deadline, and ends with the first record beyond it.
void Pipeline::Impl::judge_silence(Entity& entity, Series& series, std::int64_t due_us, Step step) {
  const SeriesPlan& plan = plans->plan(series.measure);
  store->touch(series);
  AbsenceHead& a = SeriesPlan::absence_head(series.block());
  if (a.silent_since_us == kNoTime) {
    const std::int64_t resumed = plans->heeds_holes(series.measure)
                                     ? watermark.resumed_after(a.from_us(), due_us)
                                     : WatermarkState::kNone;
    if (resumed == INT64_MAX) {
      // The pipeline itself is silent: ask again in a minute of event time.
      a.clock_us = a.from_us() + kMinuteUs;
      return;
    }
    if (resumed != WatermarkState::kNone && resumed > a.from_us()) {
      a.clock_us = resumed;  // a fresh for_longer_than from where the pipeline came back
      if (a.first_ahead_us != kNoTime && a.first_ahead_us - a.from_us() <= plan.silence_us()) {
        a.seen_us = std::max(a.seen_us, a.last_ahead_us);
        a.first_ahead_us = a.last_ahead_us = kNoTime;
      }
      return;
    }
    a.silent_since_us = due_us;
  } else if (a.first_ahead_us != kNoTime) {
    a.seen_us = a.last_ahead_us;
    a.first_ahead_us = a.last_ahead_us = kNoTime;
    a.silent_since_us = kNoTime;
    a.lapsed = 0;
  } else {
    a.lapsed = 1;
  }
  for (const rules::RuleIndex rule : plans->watermark_rules(series.measure)) {
    evaluate(entity, rule, due_us, plans->activity(), nullptr, step);
  }
}

// A customer's own deadlines up to its newest event, in due order.
void Pipeline::Impl::run_own_clocks(Customer& customer, std::int64_t until_us, Step step) {
  while (customer.own_due_us <= until_us) {
    const std::int64_t due = customer.own_due_us;
    for (std::size_t i = 0; i < customer.entities.size(); ++i) {
      Entity& entity = *customer.entities[i];
      for (rules::RuleIndex rule = 0; rule < rules->rules.size() && !entity.episodes.empty(); ++rule) {
        const EpisodeSlot* episode = CustomerStore::find_episode(entity, rule);
        if (episode != nullptr && plans->own_clock(rule) && episode_due_us(*episode) <= due) {
          evaluate(entity, rule, due, plans->activity(), nullptr, step);
        }
      }
      schedule(entity);
    }
    refresh_own_due(customer);
    PROACTIVE_CHECK(customer.own_due_us > due);
  }
}

void Pipeline::Impl::expire(Entity& entity, Step step) {
  while (!entity.episodes.empty()) {
    close_open(*entity.episodes.back(), Reason::no_data, step);
    store->erase(*entity.episodes.back());
    ++counts.expired;
  }
  while (!entity.series.empty()) {
    store->erase(*entity.series.back());
    ++counts.expired;
  }
  store->drop_if_empty(entity);
}

int Pipeline::Impl::utc_offset_s(Customer& customer, std::int64_t at_us) {
  if (at_us >= customer.offset_from_us && at_us < customer.offset_until_us) return customer.utc_offset_s;
  std::string_view name = rules->time_zone;
  if (customer.profile != nullptr) {
    for (const auto& field : customer.profile->fields) {
      const auto* text = std::get_if<std::string>(&field.second);
      if (field.first == "time_zone" && text != nullptr) name = *text;
    }
  }
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(std::string(name));
  } catch (const std::exception&) {  // an unknown name counts as UTC
    zone = nullptr;
  }
  customer.utc_offset_s = 0;
  customer.offset_from_us = at_us - at_us % kHourUs;
  customer.offset_until_us = INT64_MAX;
  if (zone != nullptr) {
    const date::sys_info info = zone->get_info(at_micros(at_us));
    customer.utc_offset_s = static_cast<int>(info.offset.count());
    customer.offset_from_us = std::chrono::duration_cast<Duration>(info.begin.time_since_epoch()).count();
    // The last rule of a zone ends at the end of time, which microseconds can't hold.
    constexpr std::chrono::seconds kFar{std::int64_t{1} << 40};
    customer.offset_until_us =
        info.end.time_since_epoch() > kFar
            ? INT64_MAX
            : std::chrono::duration_cast<Duration>(info.end.time_since_epoch()).count();
    if (info.begin.time_since_epoch() < -kFar) customer.offset_from_us = INT64_MIN;
  }
  return customer.utc_offset_s;
}

}  // namespace proactive::daemon
