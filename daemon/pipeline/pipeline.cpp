#include "daemon/pipeline/pipeline.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/codec/dead_letter.h"
#include "daemon/pipeline/pipeline_impl.h"
#include "models/base/check.h"

namespace proactive::daemon {

Pipeline::Impl::Impl(PartitionId partition_number, std::shared_ptr<const rules::RuleSet> rule_set,
                     std::shared_ptr<const PipelineSetup> pipeline_setup)
    : partition(partition_number),
      rules(std::move(rule_set)),
      setup(std::move(pipeline_setup)),
      plans(std::make_unique<PlanTable>(rules, setup->limits.lateness + setup->limits.max_clock_ahead)),
      store(std::make_unique<CustomerStore>(plans.get(), setup->limits, &counts)),
      watermark(setup->limits.lateness, setup->limits.max_clock_ahead),
      decoder(setup->shape, setup->mapping, setup->decode),
      checkpoint(setup->limits.checkpoint_age, setup->limits.checkpoint_steps) {
  decoder.use_rules(rules.get());
  effects.rules.resize(rules->rules.size());
  pending_effects.rules.resize(rules->rules.size());
}

Pipeline::Pipeline(PartitionId partition, std::shared_ptr<const rules::RuleSet> rules,
                   std::shared_ptr<const PipelineSetup> setup)
    : impl_(std::make_unique<Impl>(partition, std::move(rules), std::move(setup))) {}
Pipeline::~Pipeline() = default;

// ---- records in -------------------------------------------------------------------------------------------------------

void Pipeline::process(const InputRecord& record, Timestamp now, PipelineOutput& out) {
  Impl& p = *impl_;
  const Impl::Step step{now, record.appended_at, &out,
                        record.stream == StreamKind::telemetry ? record.offset : -1};
  PROACTIVE_CHECK(!p.silent || now == kNever);
  if (record.stream == StreamKind::telemetry) p.next_telemetry = record.offset + 1;
  p.last_append = record.appended_at;
  ++p.counts.records;
  const Result<InputEvent, DecodeError> event = p.decoder.decode(record);
  if (!event) {
    ++p.counts.rejected[static_cast<std::size_t>(event.error().code)];
    return p.reject(record, DeadLetterStage::decode, to_string(event.error().code), describe(event.error()),
                    step);
  }
  if (const auto* telemetry = std::get_if<TelemetryEvent>(&*event)) return p.apply(*telemetry, record, step);
  if (const auto* profile = std::get_if<ProfileEvent>(&*event)) return p.apply(*profile, record, step);
  ++p.counts.unused_signals;
}

Hint Pipeline::hint(std::string_view customer) const { return impl_->store->hint(customer); }

void Pipeline::follow(Hint& hint, int step) const { impl_->store->follow(hint, step); }

void Pipeline::Impl::reject(const InputRecord& record, DeadLetterStage stage, std::string_view code,
                            const std::string& detail, Step step) {
  const std::string& topic =
      record.stream == StreamKind::telemetry ? setup->telemetry_topic : setup->profiles_topic;
  const std::string ruleset = fmt::format("{:016x}", rules->hash);
  OutputRecord letter =
      make_dead_letter(record, topic, {stage, code, detail, ruleset, setup->engine_version});
  letter.caused_at = step.caused_at;
  step.out->records.push_back(std::move(letter));
}

void Pipeline::Impl::apply(const TelemetryEvent& event, const InputRecord& record, Step step) {
  ++counts.telemetry;
  const std::uint64_t hash = CustomerStore::hash_of(event.customer);
  const Timestamp before = watermark.value();
  const Timestamp newest = watermark.max_event_time();
  const Admission admission =
      watermark.admit(event.time, clock_for(event.time, step.now, record.offset), hash);
  if (admission == Admission::ahead) {
    ++counts.clock_ahead;
    return reject(record, DeadLetterStage::validate, to_string(DecodeCode::future_time),
                  "event time is too far ahead of this host's clock", step);
  }
  if (admission == Admission::late) {
    ++counts.late;
    if (setup->dead_letter_late)
      reject(record, DeadLetterStage::validate, "late", "event time is behind the watermark", step);
    return;
  }
  scalars_changed = scalars_changed || watermark.value() != before || watermark.max_event_time() != newest;

  // What the record makes due happens before the record: rings have room for what the watermark has not closed, no more.
  while (timers.due(watermark.horizon_us())) run_timers(SIZE_MAX, step);

  // A replay meets records of customers that were erased later, or not admitted.
  Customer* customer = silent ? store->find(event.customer) : store->find_or_create(event.customer, hash);
  if (customer == nullptr) return;  // no room: counted by the store
  // Own clocks first: what is due for this customer up to its own event happens before the event, in whatever order
  // other customers' records arrive.
  if (!silent && customer->own_due_us <= micros(event.time))
    run_own_clocks(*customer, micros(event.time), step);
  feed(*customer, event, record, step);
}

void Pipeline::Impl::feed(Customer& customer, const TelemetryEvent& event, const InputRecord& record,
                          Step step) {
  const std::int64_t time_us = micros(event.time);
  const std::int64_t watermark_us = watermark.state().watermark_us;
  touched.clear();
  due_rules.clear();
  bool matched = false;
  for (const rules::SignalIndex index : rules->signals_by_type[event.type]) {
    const rules::Signal& signal = rules->signals[index];
    if (!signal.matches(event)) continue;
    matched = true;
    const std::optional<double> value = signal.value_of(event);
    if (!value) {
      ++counts.out_of_range;
      continue;
    }
    for (const rules::MeasureIndex m : rules->measures_by_signal[index]) {
      const SeriesPlan& plan = plans->plan(m);
      Entity* entity = scope(customer, plan.measure().per, event);
      if (entity == nullptr || (silent && has_applied(*entity, record.offset))) continue;
      Series* series = nullptr;
      if (!silent) {
        series = store->series(*entity, m, time_us, watermark_us);
      } else if (series = CustomerStore::find_series(*entity, m); series != nullptr) {
        store->touch(*series);
      }
      if (series == nullptr) continue;
      if (plan.absence()) {
        plan.seen(series->block(), time_us, record.offset);
      } else {
        const bool denominator =
            plan.measure().function == rules::MeasureFunction::ratio && plan.measure().denominator == index;
        const Observation seen =
            plan.observe(series->block(), time_us, watermark_us, *value, denominator,
                         event.kind == SignalKind::cumulative, event.id_hash, record.offset);
        if (seen == Observation::duplicate) {
          ++counts.duplicates;
          continue;
        }
        if (seen == Observation::counter_reset) ++counts.counter_resets;
      }
      touched.push_back({entity, series});
      for (const rules::RuleIndex rule : plans->own_clock_rules(m)) {
        const std::pair<Entity*, rules::RuleIndex> due{entity, rule};
        if (std::find(due_rules.begin(), due_rules.end(), due) == due_rules.end()) due_rules.push_back(due);
      }
    }
  }
  if (!matched) ++counts.unmatched;

  for (std::size_t i = 0; i < touched.size(); ++i) {
    Entity& entity = *touched[i].entity;
    if (i > 0 && touched[i - 1].entity == &entity) continue;
    entity.newest_us = std::max(entity.newest_us, time_us);
    if (plans->needs_activity(entity.type)) note_activity(entity, time_us, record.offset);
  }
  for (const Touched& one : touched) schedule(*one.entity, series_due_us(*one.series));
  if (silent) return;
  for (std::size_t i = 0; i < due_rules.size(); ++i) {
    Entity& entity = *due_rules[i].first;
    evaluate(entity, due_rules[i].second, entity.newest_us, plans->activity(), nullptr, step);
    if (!entity.episodes.empty()) schedule(entity);
  }
  if (!due_rules.empty() && (customer.episodes != 0 || customer.own_due_us != INT64_MAX))
    refresh_own_due(customer);
  if (customer.entities.empty()) store->drop_if_empty(customer);
}

// The entity whose series the event belongs to; nullptr if it is not about such an entity, or there is no room.
Entity* Pipeline::Impl::scope(Customer& customer, rules::EntityTypeIndex type, const TelemetryEvent& event) {
  if (type == 0) return store->entity(customer, 0, {}, !silent);
  const rules::EntityType& wanted = rules->entity_types[type];
  if (event.entity_type == wanted.name) return store->entity(customer, type, event.entity_id, !silent);
  if (!event.entity_type.empty() || wanted.key_dim.empty()) return nullptr;
  for (const Dim& dim : event.dims) {
    const auto* id = std::get_if<std::string_view>(&dim.value);
    if (dim.name == wanted.key_dim && id != nullptr && !id->empty())
      return store->entity(customer, type, *id, !silent);
  }
  return nullptr;
}

void Pipeline::Impl::note_activity(Entity& entity, std::int64_t time_us, std::int64_t offset) {
  Series* known = CustomerStore::find_series(entity, plans->activity());
  if (known != nullptr && !SeriesPlan::new_activity(known->block(), time_us)) return;
  if (known == nullptr && silent) return;
  Series* series = store->series(entity, plans->activity(), time_us, time_us);
  if (series != nullptr) SeriesPlan::note_activity(series->block(), time_us, offset);
}

void Pipeline::Impl::apply(const ProfileEvent& event, const InputRecord&, Step step) {
  ++counts.profiles;
  if (event.erased) return erase_customer(event.customer, step);
  Customer* customer = store->find(event.customer);
  if (customer == nullptr) customer = store->find_or_create(event.customer);
  if (customer == nullptr) return;
  if (event.version != 0 && customer->profile != nullptr && event.version < customer->profile->version) {
    ++counts.stale_profiles;
    return;
  }
  auto profile = std::make_unique<Profile>();
  profile->version = event.version;
  for (const Dim& field : event.fields) {
    const bool known = field.name == "account_id" || field.name == "segment" || field.name == "locale" ||
                       field.name == "time_zone" || field.name == "account_time_zone";
    if (!known && std::find(rules->profile_fields.begin(), rules->profile_fields.end(), field.name) ==
                      rules->profile_fields.end()) {
      continue;
    }
    std::variant<std::string, double, bool> value;
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      value = std::string(*text);
    } else if (const auto* number = std::get_if<double>(&field.value)) {
      value = *number;
    } else {
      value = std::get<bool>(field.value);
    }
    profile->fields.emplace_back(std::string(field.name), std::move(value));
  }
  std::sort(profile->fields.begin(), profile->fields.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  store->set_profile(*customer, std::move(profile));
}

// ---- ticks ------------------------------------------------------------------------------------------------------------

bool Pipeline::due() const { return impl_->timers.due(impl_->watermark.horizon_us()); }

void Pipeline::tick(Timestamp now, Timestamp idle_watermark, PipelineOutput& out) {
  Impl& p = *impl_;
  PROACTIVE_CHECK(!p.silent);
  if (idle_watermark != kNever && p.watermark.advance_to(idle_watermark)) {
    p.scalars_changed = true;
    p.checkpoint.note({p.next_telemetry, micros(idle_watermark), ReplayStep::Kind::idle});
  }
  // What a record made due was caused by that record, though a tick runs it.
  const Impl::Step step{now, idle_watermark != kNever ? now : p.last_append, &out};
  p.retire_orphans(step);
  if (!p.run_timers(p.setup->limits.timers_per_tick, step)) ++p.counts.tick_full;
}

// False: `most` ran and more may be due.
bool Pipeline::Impl::run_timers(std::size_t most, Step step) {
  const std::int64_t horizon = watermark.horizon_us();
  std::size_t run = 0;
  for (;;) {
    if (!timers.due(horizon)) return true;
    prefetch_timers();
    const std::optional<Timer> timer = timers.take(horizon);
    PROACTIVE_CHECK(timer.has_value());
    Entity* entity = store->entity_at(timer->entity, timer->generation);
    if (entity == nullptr) continue;
    if (timer->due_us == entity->timer_us) entity->timer_us = INT64_MAX;
    if (timer->due_us == entity->expiry_timer_us) entity->expiry_timer_us = INT64_MAX;
    run_entity(*entity, timer->due_us, step);
    if (++run >= most) return false;
  }
}

// A second's timers belong to as many entities at random.
void Pipeline::Impl::prefetch_timers() {
  constexpr std::size_t kMost = 128;  // more would be gone from the cache before their turn
  const std::span<const Timer> fresh = timers.fresh();
  const std::size_t count = std::min(fresh.size(), kMost);
  for (int step = 0; step < CustomerStore::kPrefetchEntitySteps; ++step) {
    for (std::size_t i = 0; i < count; ++i) store->prefetch_entity(fresh[i].entity, step);
  }
}

// ---- the transaction --------------------------------------------------------------------------------------------------

bool Pipeline::changed() const {
  return impl_->store->changed() || impl_->scalars_changed || !impl_->erased_orphans.empty();
}

std::size_t Pipeline::undo_bytes() const { return impl_->store->undo_bytes(); }

void Pipeline::commit(const CommitVersion& version) {
  Impl& p = *impl_;
  if (!p.chosen) p.choose_written(version.offsets[0], kNever, true);
  p.chosen = false;
  if (p.checkpoint.by_age()) p.checkpoint.commit(p.store->fresh_dirty());
  p.store->commit();
  p.version = version;
  p.next_telemetry = std::max(p.next_telemetry, version.offsets[0]);  // control records are passed too
  p.saved_watermark = p.watermark.state();
  p.saved_clock_us = p.clock_us;
  p.scalars_changed = false;
  p.began_due = p.something_due();
  p.erased_orphans.clear();
  p.undo_orphans.clear();
  for (std::size_t i = 0; i < p.pending_effects.rules.size(); ++i) {
    EffectCounts::PerRule& from = p.pending_effects.rules[i];
    if (!from.changed) continue;
    EffectCounts::PerRule& into = p.effects.rules[i];
    into.changed = true;
    into.opened += from.opened;
    into.outreach_opened += from.outreach_opened;
    into.outreach_updated += from.outreach_updated;
    into.outreach_resolved += from.outreach_resolved;
    into.outreach_cancelled += from.outreach_cancelled;
    for (std::size_t a = 0; a < from.decisions.size(); ++a) {
      for (std::size_t r = 0; r < from.decisions[a].size(); ++r) into.decisions[a][r] += from.decisions[a][r];
    }
    from = {};
  }
}

void Pipeline::rollback() {
  Impl& p = *impl_;
  PROACTIVE_CHECK(!p.silent);
  p.watermark.restore(p.saved_watermark);
  p.clock_us = p.saved_clock_us;
  p.next_telemetry = p.version.offsets[0];
  p.checkpoint.rollback();
  p.chosen = false;
  p.scalars_changed = false;
  if (!p.undo_orphans.empty()) p.orphans_to_retire = true;
  for (auto& orphan : p.undo_orphans) p.orphans.insert_or_assign(orphan.first, std::move(orphan.second));
  p.undo_orphans.clear();
  p.erased_orphans.clear();
  p.counts.orphans = p.orphans.size();
  for (EffectCounts::PerRule& rule : p.pending_effects.rules) rule = {};
  p.store->rollback([&p](Entity& entity) {
    entity.newest_us = INT64_MIN;
    for (const Series* series : entity.series) {
      entity.newest_us =
          std::max(entity.newest_us, p.plans->plan(series->measure).last_event_us(series->block()));
    }
    // What was undone may have put the time to live off.
    if (p.expiry_us(entity) < entity.expiry_timer_us) entity.expiry_timer_us = INT64_MAX;
    p.schedule(entity);
    p.refresh_own_due(*entity.customer);
  });
  p.checkpoint.adopt(p.store->take_dirty_again());
  p.began_due = p.something_due();
}

// ---- what others may know ---------------------------------------------------------------------------------------------

Timestamp Pipeline::watermark() const { return impl_->watermark.value(); }
Timestamp Pipeline::max_event_time() const { return impl_->watermark.max_event_time(); }
const CommitVersion& Pipeline::version() const { return impl_->version; }
const PipelineCounts& Pipeline::counts() const { return impl_->counts; }
const EffectCounts& Pipeline::effects() const { return impl_->effects; }
std::size_t Pipeline::memory_bytes() const { return impl_->store->memory_bytes(); }
PartitionId Pipeline::partition() const { return impl_->partition; }
std::uint64_t Pipeline::missing_keys() const { return impl_->missing_keys; }
std::uint64_t Pipeline::loaded_keys() const { return impl_->loaded_keys; }
const CommitVersion& Pipeline::loaded_version() const { return impl_->loaded; }
const std::string& Pipeline::loaded_group() const { return impl_->loaded_group; }
std::int32_t Pipeline::loaded_partition_count() const { return impl_->loaded_partition_count; }

}  // namespace proactive::daemon
