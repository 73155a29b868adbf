// From an episode's change to a decision record and, if the gates let it, an outreach event.
#include <cstdlib>

#include <fmt/format.h>

#include "daemon/codec/decision_json.h"
#include "daemon/codec/outreach_event.h"
#include "daemon/outreach/decide.h"
#include "daemon/outreach/message.h"
#include "daemon/pipeline/pipeline_impl.h"
#include "daemon/pipeline/state_blocks.h"

namespace proactive::daemon {
namespace {

struct Zone {
  std::string_view name, source;
};

Zone zone_of(const ProfileView& profile, const rules::RuleSet& rules) {
  if (const std::string_view own = profile.text("time_zone"); !own.empty()) return {own, "profile"};
  if (const std::string_view account = profile.text("account_time_zone"); !account.empty())
    return {account, "account"};
  return {rules.time_zone, "default"};
}

bool closing(Trigger trigger) { return trigger == Trigger::resolved || trigger == Trigger::cancelled; }

// Rings hold float32: what is shown has as many digits as that.
double shown(double value) { return std::strtod(fmt::format("{:.7g}", value).c_str(), nullptr); }

void round_shown(std::optional<double>& value) {
  if (value) value = shown(*value);
}

std::optional<Timestamp> last_seen_of(const Entity& entity, rules::MeasureIndex measure) {
  const Series* series = CustomerStore::find_series(entity, measure);
  if (series == nullptr) return std::nullopt;
  const std::int64_t seen = SeriesPlan::absence_head(series->block()).seen_us;
  return seen == kNoTime ? std::nullopt : std::optional<Timestamp>(at_micros(seen));
}

std::optional<Timestamp> reached_at(const rules::Reaches& reaches, const rules::MeasureFact& fact,
                                    const ProfileView& profile, Timestamp at) {
  const auto foreseen = rules::foreseen(reaches, fact, profile);
  if (!foreseen) return std::nullopt;
  return at + rules::time_left(*foreseen, fact);
}

}  // namespace

Deployment Pipeline::Impl::deployment() const {
  return {setup->outreach.source_name, setup->outreach.source, setup->outreach.type_prefix,
          fmt::format("{:016x}", rules->hash), setup->engine_version};
}

// The message as the customer would read it; an error when a value is missing.
Result<Message> Pipeline::Impl::render(const EpisodeSlot& slot, const rules::Rule& rule,
                                       const Candidate& candidate, std::string_view zone) const {
  const Entity& entity = *slot.entity;
  const Timestamp since = at_micros(slot.record.episode.start_us);
  if (closing(candidate.trigger)) {
    return render_closing(rule.summary, candidate.close_reason, since, at_micros(candidate.at_us), zone);
  }
  std::vector<MessageMeasure> measures;
  for (std::size_t i = 0; i < rule.measures.size(); ++i) {
    const rules::Measure& measure = rules->measures[rule.measures[i].plan];
    const rules::MeasureFact& fact = facts[i];
    MessageMeasure one;
    one.unit = measure.unit;
    one.share = measure.function == rules::MeasureFunction::ratio;
    if (fact.known) one.observed = fact.value;
    if (fact.score.ready) {
      one.expected = static_cast<double>(fact.score.expected);
      one.low = static_cast<double>(fact.score.low);
      one.high = static_cast<double>(fact.score.high);
    }
    if (measure.function == rules::MeasureFunction::missing)
      one.last_seen = last_seen_of(entity, rule.measures[i].plan);
    measures.push_back(one);
  }
  const ProfileView profile(entity.customer->profile.get());
  for (std::size_t i = 0; i < rule.when.leaves.size(); ++i) {
    const rules::Leaf& leaf = rule.when.leaves[i];
    const auto* reaches = std::get_if<rules::Reaches>(&leaf.test);
    const bool matched = (candidate.matched >> i & 1) != 0;
    if (reaches != nullptr && matched && !measures[leaf.measure].reaches_at)
      measures[leaf.measure].reaches_at =
          reached_at(*reaches, facts[leaf.measure], profile, at_micros(candidate.at_us));
  }
  MessageFacts message;
  message.measures = measures;
  message.since = since;
  message.profile = &profile;
  message.customer_id = entity.customer->id;
  message.entity_id = entity.id.empty() ? std::string_view(entity.customer->id) : std::string_view(entity.id);
  message.time_zone = zone;
  return render_problem(*rule.outreach, message);
}

// Evidence of each leaf that is true; when an episode ends, for the first of which something is known.
std::vector<Evidence> Pipeline::Impl::evidence(const EpisodeSlot& slot, const rules::Rule& rule,
                                               const Candidate& candidate) const {
  const ProfileView profile(slot.entity->customer->profile.get());
  std::vector<Evidence> all;
  for (std::size_t i = 0; i < rule.when.leaves.size(); ++i) {
    const rules::Leaf& leaf = rule.when.leaves[i];
    const rules::MeasureFact& fact = facts[leaf.measure];
    const bool matched = (candidate.matched >> i & 1) != 0;
    if (!matched && !(candidate.matched == 0 && all.empty() && fact.known)) continue;
    const rules::MeasureIndex m = rule.measures[leaf.measure].plan;
    EvidencePlace place;
    place.window_end = at_micros(candidate.at_us);
    place.since = at_micros(slot.record.episode.start_us);
    // Once it is over, the last sight is later than what is told about.
    if (matched && std::holds_alternative<rules::Missing>(leaf.test))
      place.last_seen = last_seen_of(*slot.entity, m);
    place.profile = &profile;
    if (std::holds_alternative<rules::Together>(leaf.test)) {
      for (Evidence& one : evidence_together(rule, leaf, rules->measures, facts, place))
        all.push_back(std::move(one));
    } else {
      all.push_back(evidence_of(rule, leaf, rules->measures[m], fact, place));
    }
  }
  for (Evidence& one : all) {
    for (std::optional<double>* number :
         {&one.observed, &one.expected, &one.low, &one.high, &one.score, &one.contribution}) {
      round_shown(*number);
    }
  }
  return all;
}

void Pipeline::Impl::announce(EpisodeSlot& slot, const Candidate& candidate, Step step) {
  const rules::Rule& rule = rules->rules[slot.rule];
  const Entity& entity = *slot.entity;
  const rules::Episode& episode = slot.record.episode;
  const ProfileView profile(entity.customer->profile.get());
  const Zone zone = zone_of(profile, *rules);

  OutreachFacts told;
  std::optional<Message> message;
  if (rule.outreach && candidate.close_reason != Reason::erased) {
    Result<Message> rendered = render(slot, rule, candidate, zone.name);
    if (rendered) {
      message = std::move(*rendered);
    } else {
      ++counts.render_failed;
    }
  }

  DecisionFacts decision_facts;
  decision_facts.trigger = candidate.trigger;
  decision_facts.close_reason = candidate.close_reason;
  decision_facts.outreach_enabled = setup->outreach.enabled;
  decision_facts.rule_live = rule.rollout == rules::Rollout::live;
  decision_facts.has_outreach = rule.outreach.has_value();
  decision_facts.rendered = message.has_value();
  decision_facts.cooldown = rule.outreach ? rule.outreach->cooldown : Duration{};
  decision_facts.severity = rule.severity;
  decision_facts.episode_start = at_micros(episode.start_us);
  decision_facts.at = at_micros(candidate.at_us);
  decision_facts.deviation = candidate.deviation;
  const std::int64_t opened_us = slot.record.ledger.opened_us;
  const Decision decision = decide_outreach(decision_facts, slot.record.ledger);

  told.customer = {entity.customer->id,
                   profile.text("account_id"),
                   profile.text("segment"),
                   profile.text("locale"),
                   zone.name,
                   zone.source};
  told.rule_id = rule.name;
  told.rule_digest = rule.digest;
  told.category = rule.category;
  if (rule.outreach) {
    told.audience = rule.outreach->audience;
    told.playbook = rule.outreach->playbook;
  }
  told.entity_type = rules->entity_types[entity.type].name;
  told.entity_id = entity.id.empty() ? std::string_view(entity.customer->id) : std::string_view(entity.id);
  told.severity = rule.severity;
  told.episode_start = at_micros(episode.start_us);
  told.at = at_micros(candidate.at_us);
  told.detected_at = candidate.trigger == Trigger::opened           ? told.at
                     : closing(candidate.trigger) && opened_us != 0 ? at_micros(opened_us)
                                                                    : at_micros(episode.since_us);
  told.now = step.now;
  told.close_reason = candidate.close_reason;
  told.evidence = evidence(slot, rule, candidate);
  told.message = std::move(message);
  told.watermark = watermark.value();
  told.telemetry_offset = step.telemetry_offset;
  told.profile_version = profile.version();
  write(told, decision, slot.rule, step);
}

void Pipeline::Impl::write(const OutreachFacts& told, const Decision& decision,
                           std::optional<rules::RuleIndex> rule, Step step) {
  const Deployment where = deployment();
  const auto put = [&step](Result<OutputRecord> record) {
    if (!record) return false;
    record->caused_at = step.caused_at;
    step.out->records.push_back(std::move(*record));
    return true;
  };
  if (decision.sends() && !put(encode_outreach(where, told, decision, *setup->key)))
    ++counts.output_too_large;
  if (!put(encode_decision(where, told, decision, *setup->key))) ++counts.output_too_large;

  if (!rule) return;
  EffectCounts::PerRule& effect = pending_effects.rules[*rule];
  effect.changed = true;
  ++effect.decisions[static_cast<std::size_t>(decision.action)][static_cast<std::size_t>(decision.reason)];
  if (!decision.sends()) return;
  switch (decision.event.status) {
    case EventStatus::opened:
      ++effect.outreach_opened;
      break;
    case EventStatus::updated:
      ++effect.outreach_updated;
      break;
    case EventStatus::resolved:
      ++effect.outreach_resolved;
      break;
    case EventStatus::cancelled:
      ++effect.outreach_cancelled;
      break;
  }
}

// State goes, but who was told of a problem is told that it is closed.
void Pipeline::Impl::close_open(EpisodeSlot& slot, Reason why, Step step) {
  const OutreachLedger& ledger = slot.record.ledger;
  if (ledger.status != LedgerStatus::open && ledger.shadow_status != LedgerStatus::open) return;
  store->touch(slot);
  gather(*slot.entity, rules->rules[slot.rule], slot.entity->newest_us, plans->activity(), nullptr);
  const std::int64_t at = std::max(slot.record.episode.last_step_us, watermark.state().watermark_us);
  announce(slot, {Trigger::cancelled, why, 0, 0, at}, step);
}

// A null profile: what is open is closed without a message, and everything known of the customer goes, the state of
// removed rules too.
void Pipeline::Impl::erase_customer(std::string_view id, Step step) {
  retire_orphans(step);
  for (auto it = orphans.begin(); it != orphans.end();) {
    const Result<StateKey> key = decode_key(it->first);
    if (!key || key->parts.empty() || key->parts[0] != id) {
      ++it;
      continue;
    }
    erased_orphans.push_back(it->first);
    undo_orphans.emplace(it->first, std::move(it->second));
    it = orphans.erase(it);
  }
  counts.orphans = orphans.size();

  Customer* const customer = store->find(id);
  if (customer == nullptr) return;
  while (!customer->entities.empty()) {
    Entity& entity = *customer->entities.back();
    while (!entity.episodes.empty()) {
      EpisodeSlot& slot = *entity.episodes.back();
      close_open(slot, Reason::erased, step);
      store->erase(slot);
    }
    while (!entity.series.empty()) store->erase(*entity.series.back());
    const bool last = customer->entities.size() == 1;
    if (last && customer->profile != nullptr) store->set_profile(*customer, nullptr);
    store->drop_if_empty(entity);
    if (last) return;
  }
  if (customer->profile != nullptr) store->set_profile(*customer, nullptr);
  store->drop_if_empty(*customer);
}

// Episodes of rules that are gone: whoever was told of a problem is told that it is closed.
void Pipeline::Impl::retire_orphans(Step step) {
  if (!orphans_to_retire) return;
  orphans_to_retire = false;
  for (auto it = orphans.begin(); it != orphans.end();) {
    const Result<StateKey> key = decode_key(it->first);
    if (!key || key->type != RecordType::episode || key->parts.size() != 4) {
      ++it;
      continue;
    }
    EpisodeRecord record;
    if (!read_episode_record(it->second.value, record) || record.ledger.status != LedgerStatus::open) {
      ++it;
      continue;
    }
    DecisionFacts facts_of;
    facts_of.trigger = Trigger::cancelled;
    facts_of.close_reason = Reason::rule_removed;
    facts_of.outreach_enabled = setup->outreach.enabled;
    facts_of.episode_start = at_micros(record.episode.start_us);
    facts_of.at = at_micros(std::max(record.episode.last_step_us, watermark.state().watermark_us));
    const std::int64_t opened_us = record.ledger.opened_us;
    const Decision decision = decide_outreach(facts_of, record.ledger);

    const Customer* customer = store->find(key->parts[0]);
    const ProfileView profile(customer == nullptr ? nullptr : customer->profile.get());
    const Zone zone = zone_of(profile, *rules);
    OutreachFacts told;
    told.customer = {
        key->parts[0], profile.text("account_id"), profile.text("segment"), profile.text("locale"), zone.name,
        zone.source};
    told.rule_id = key->parts[3];
    told.audience = "support";  // the rule that would say is gone
    told.entity_type = key->parts[1];
    told.entity_id = key->parts[2].empty() ? key->parts[0] : key->parts[2];
    told.episode_start = facts_of.episode_start;
    told.at = facts_of.at;
    told.detected_at = at_micros(opened_us);
    told.now = step.now;
    told.close_reason = Reason::rule_removed;
    told.message = render_closing({}, Reason::rule_removed, told.episode_start, told.at, zone.name);
    told.watermark = watermark.value();
    told.profile_version = profile.version();
    write(told, decision, std::nullopt, step);

    erased_orphans.push_back(it->first);
    undo_orphans.emplace(it->first, std::move(it->second));
    it = orphans.erase(it);
  }
  counts.orphans = orphans.size();
}

}  // namespace proactive::daemon
