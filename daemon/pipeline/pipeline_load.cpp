// State records in.
#include <algorithm>
#include <cstring>

#include "daemon/pipeline/pipeline_impl.h"
#include "daemon/pipeline/state_blocks.h"
#include "models/base/bytes.h"
#include "models/base/check.h"
#include "models/base/state_record.h"

namespace proactive::daemon {
namespace {

template <class T>
bool read_exactly(std::string_view payload, T& into) {
  if (payload.size() != sizeof into) return false;
  std::memcpy(&into, payload.data(), sizeof into);
  return true;
}

Result<RecordHeader> header_of(std::string_view value, RecordType kind) {
  Result<RecordHeader> header = decode_header(value);
  if (!header) return header;
  if (header->kind != kind) return failure("state record: its header says another kind than its key");
  if (header->schema > kStateSchema) {
    return failure("state record has schema " + std::to_string(header->schema) +
                   ", this program reads up to " + std::to_string(kStateSchema) +
                   ": start the newer program");
  }
  return header;
}

Result<Profile> read_profile(std::string_view payload) {
  ByteReader bytes(payload);
  Profile profile;
  profile.version = bytes.get<std::uint64_t>();
  const std::uint64_t count = bytes.get_varint();
  for (std::uint64_t i = 0; i < count && !bytes.failed(); ++i) {
    std::string name(bytes.get_string());
    const auto type = bytes.get<std::uint8_t>();
    if (type == 0) {
      profile.fields.emplace_back(std::move(name), std::string(bytes.get_string()));
    } else if (type == 1) {
      profile.fields.emplace_back(std::move(name), bytes.get<double>());
    } else if (type == 2) {
      profile.fields.emplace_back(std::move(name), bytes.get<std::uint8_t>() != 0);
    } else {
      return failure("profile block: unknown field type " + std::to_string(type));
    }
  }
  if (bytes.failed() || !bytes.at_end()) return failure("profile block: its length does not fit its fields");
  return profile;
}

}  // namespace

Result<void> Pipeline::load(std::string_view key, std::string_view value) {
  Impl& p = *impl_;
  p.store->set_loading(true);
  const Result<StateKey> parsed = decode_key(key);
  if (!parsed) return tl::make_unexpected(parsed.error());
  switch (parsed->type) {
    case RecordType::meta:
      return p.load_meta(value);
    case RecordType::customer:
      if (parsed->parts.size() != 1) return failure("customer key: one part is needed");
      return p.load_profile(parsed->parts[0], value);
    case RecordType::series:
      if (parsed->parts.size() != 4) return failure("series key: four parts are needed");
      return p.load_series(*parsed, key, value);
    case RecordType::episode:
      if (parsed->parts.size() != 4) return failure("episode key: four parts are needed");
      return p.load_episode(*parsed, key, value);
    case RecordType::held:
    case RecordType::counts:
      break;
  }
  return failure("state record of a type that this program does not know: start the newer program");
}

Result<void> Pipeline::Impl::load_meta(std::string_view value) {
  if (value.empty()) return {};
  replay_plan = {};
  const Result<RecordHeader> header = header_of(value, RecordType::meta);
  if (!header) return tl::make_unexpected(header.error());
  BlockReader reader(value.substr(kRecordHeaderBytes));
  for (;;) {
    const auto next = reader.next();
    if (!next) return tl::make_unexpected(next.error());
    if (!next->has_value()) return {};
    const Block& block = **next;
    ByteReader bytes(block.payload);
    if (block.id == kMetaVersionBlock) {
      for (std::int64_t& offset : loaded.offsets) offset = bytes.get<std::int64_t>();
      loaded.v = bytes.get<std::uint64_t>();
      loaded.replay_from = bytes.get<std::int64_t>();
      loaded.watermark = at_micros(bytes.get<std::int64_t>());
      loaded.tick = at_micros(bytes.get<std::int64_t>());
      loaded.rules_hash = bytes.get<std::uint64_t>();
      if (bytes.failed()) return failure("meta record: its version block is too short");
    } else if (block.id == kMetaWatermarkBlock) {
      WatermarkState state;
      if (!read_exactly(block.payload, state))
        return failure("meta record: its watermark block has a wrong length");
      watermark.restore(state);
    } else if (block.id == kMetaGroupBlock) {
      loaded_partition_count = bytes.get<std::int32_t>();
      if (bytes.failed()) return failure("meta record: its group block is too short");
      loaded_group = std::string(bytes.get_bytes(bytes.remaining()));
    } else if (block.id == kMetaKeysBlock) {
      loaded_keys = bytes.get<std::uint64_t>();
      if (bytes.failed()) return failure("meta record: its keys block is too short");
    } else if (block.id == kMetaReplayBlock) {
      if (block.version > 1) return failure("meta record: its replay block is newer than this program");
      Result<ReplayPlan> plan = read_replay_plan(block.payload);
      if (!plan) return tl::make_unexpected(plan.error());
      replay_plan = std::move(*plan);
    }
  }
}

Result<void> Pipeline::Impl::load_profile(std::string_view id, std::string_view value) {
  if (value.empty()) {
    if (Customer* known = store->find(id)) {
      store->set_profile(*known, nullptr);
      store->drop_if_empty(*known);
    }
    return {};
  }
  const Result<RecordHeader> header = header_of(value, RecordType::customer);
  if (!header) return tl::make_unexpected(header.error());
  BlockReader reader(value.substr(kRecordHeaderBytes));
  for (;;) {
    const auto next = reader.next();
    if (!next) return tl::make_unexpected(next.error());
    if (!next->has_value()) return {};
    if ((**next).id != kProfileBlock) continue;
    Result<Profile> profile = read_profile((**next).payload);
    if (!profile) return tl::make_unexpected(profile.error());
    Customer* customer = store->find_or_create(id);
    store->set_profile(*customer, std::make_unique<Profile>(std::move(*profile)));
  }
}

Result<void> Pipeline::Impl::load_series(const StateKey& key, std::string_view whole_key,
                                         std::string_view value) {
  const std::optional<rules::EntityTypeIndex> type = plans->type_of(key.parts[1]);
  const std::optional<rules::MeasureIndex> measure = plans->measure_of(key.parts[3]);
  if (!type || !measure) {
    keep_orphan(whole_key, value);
    return {};
  }
  if (value.empty()) {
    Customer* customer = store->find(key.parts[0]);
    Entity* entity = customer == nullptr ? nullptr : store->entity(*customer, *type, key.parts[2], false);
    Series* series = entity == nullptr ? nullptr : CustomerStore::find_series(*entity, *measure);
    if (series != nullptr) {
      store->erase(*series);
      store->drop_if_empty(*entity);
    }
    return {};
  }
  const Result<RecordHeader> header = header_of(value, RecordType::series);
  if (!header) return tl::make_unexpected(header.error());
  Customer* customer = store->find_or_create(key.parts[0]);
  Entity* entity = customer == nullptr ? nullptr : store->entity(*customer, *type, key.parts[2], true);
  Series* series = entity == nullptr ? nullptr : store->series(*entity, *measure, 0, 0);
  PROACTIVE_CHECK(series != nullptr);  // no limit refuses what is restored
  const Result<std::uint32_t> cold =
      plans->plan(*measure).load_blocks(value.substr(kRecordHeaderBytes), series->block());
  if (!cold) return tl::make_unexpected(cold.error());
  counts.blocks_reset += *cold;
  return {};
}

Result<void> Pipeline::Impl::load_episode(const StateKey& key, std::string_view whole_key,
                                          std::string_view value) {
  const std::optional<rules::EntityTypeIndex> type = plans->type_of(key.parts[1]);
  const std::optional<rules::RuleIndex> rule = plans->rule_of(key.parts[3]);
  // A rule that is now about something else is another rule: nothing would step its old episode.
  if (!type || !rule || rules->rules[*rule].per != *type) {
    keep_orphan(whole_key, value);
    return {};
  }
  if (value.empty()) {
    Customer* customer = store->find(key.parts[0]);
    Entity* entity = customer == nullptr ? nullptr : store->entity(*customer, *type, key.parts[2], false);
    EpisodeSlot* episode = entity == nullptr ? nullptr : CustomerStore::find_episode(*entity, *rule);
    if (episode != nullptr) {
      store->erase(*episode);
      store->drop_if_empty(*entity);
    }
    return {};
  }
  const Result<RecordHeader> header = header_of(value, RecordType::episode);
  if (!header) return tl::make_unexpected(header.error());
  Customer* customer = store->find_or_create(key.parts[0]);
  Entity* entity = customer == nullptr ? nullptr : store->entity(*customer, *type, key.parts[2], true);
  EpisodeSlot* episode = entity == nullptr ? nullptr : store->episode(*entity, *rule);
  PROACTIVE_CHECK(episode != nullptr);
  if (!read_episode_record(value, episode->record)) {
    return failure(
        "episode record: a block is newer than this program, has a wrong length or an unknown state");
  }
  return {};
}

bool Pipeline::Impl::read_episode_record(std::string_view value, EpisodeRecord& into) {
  if (value.size() < kRecordHeaderBytes) return false;
  BlockReader reader(value.substr(kRecordHeaderBytes));
  for (;;) {
    const auto next = reader.next();
    if (!next) return false;
    if (!next->has_value()) break;
    const Block& block = **next;
    if (block.version > 1) return false;
    if (block.id == kEpisodeBlock && !read_exactly(block.payload, into.episode)) return false;
    if (block.id == kLedgerBlock && !read_exactly(block.payload, into.ledger)) return false;
  }
  const rules::Episode& e = into.episode;
  const OutreachLedger& l = into.ledger;
  for (const std::int64_t us : {e.start_us, e.since_us, e.last_step_us, e.clock_us, e.unknown_us, l.start_us,
                                l.opened_us, l.told_us, l.shadow_start_us}) {
    if (!plausible_us(us)) return false;
  }
  return into.episode.state <= rules::EpisodeState::recovering &&
         into.episode.last_truth <= rules::Truth::unknown && into.ledger.status <= LedgerStatus::ended &&
         into.ledger.shadow_status <= LedgerStatus::ended;
}

void Pipeline::Impl::keep_orphan(std::string_view key, std::string_view value) {
  const auto known = orphans.find(key);
  if (value.empty()) {
    if (known != orphans.end()) orphans.erase(known);
    return;
  }
  const Result<RecordHeader> header = decode_header(value);
  Orphan orphan{std::string(value), header ? header->last_event_ts_ms * 1000 : 0};
  orphans.insert_or_assign(std::string(key), std::move(orphan));
  orphans_to_retire = true;
}

// A day behind the partition's event time, state that no rule explains any more is given up.
void Pipeline::Impl::expire_orphans(Step) {
  if (orphans_to_retire) return;  // what they have open is to be closed first, by the next tick
  const std::int64_t limit = watermark.state().watermark_us;
  if (limit == WatermarkState::kNone) return;
  for (auto it = orphans.begin(); it != orphans.end();) {
    if (it->second.last_event_us + setup->limits.orphan_ttl.count() > limit) {
      ++it;
      continue;
    }
    erased_orphans.push_back(it->first);
    undo_orphans.emplace(it->first, std::move(it->second));
    it = orphans.erase(it);
    ++counts.expired;
  }
  counts.orphans = orphans.size();
}

// The same as a restart under the new rules: what they know goes on, the rest is kept as it is for a day.
void Pipeline::use_rules(std::shared_ptr<const rules::RuleSet> next,
                         std::shared_ptr<const PipelineSetup> setup) {
  PROACTIVE_CHECK(!changed() && !dirty() && !replaying());
  ChangeSet state;
  dump(state);
  auto fresh = std::make_unique<Impl>(impl_->partition, std::move(next),
                                      setup == nullptr ? impl_->setup : std::move(setup));
  const std::unique_ptr<Impl> old = std::exchange(impl_, std::move(fresh));
  impl_->counts = old->counts;
  impl_->counts.customers = impl_->counts.entities = impl_->counts.series = impl_->counts.episodes = 0;
  for (const rules::Rule& rule : impl_->rules->rules) {
    for (const rules::Rule& before : old->rules->rules) {
      if (before.name == rule.name) impl_->effects.rules[rule.index] = old->effects.rules[before.index];
    }
  }
  for (const StateChange& change : state.changes) {
    const Result<void> loaded = load(change.key, change.value);
    PROACTIVE_CHECK(loaded.has_value());
  }
  const Result<void> finished = finish_load();
  PROACTIVE_CHECK(finished.has_value());
}

Result<void> Pipeline::finish_load() {
  Impl& p = *impl_;
  p.store->set_loading(false);
  p.store->commit();  // what was loaded has not been touched
  p.version = p.loaded;
  p.next_telemetry = p.loaded.offsets[0];
  p.missing_keys = p.loaded_keys - std::min(p.loaded_keys, p.state_keys());
  p.saved_watermark = p.watermark.state();
  p.scalars_changed = false;
  p.counts.orphans = p.orphans.size();
  if (const Result<void> ready = p.prepare_replay(); !ready) return ready;
  p.schedule_all();
  p.began_due = p.something_due();
  return {};
}

// Timers and what else is derived from the state of all entities.
void Pipeline::Impl::schedule_all() {
  store->for_each_customer([this](Customer& customer) {
    for (Entity* entity : customer.entities) {
      entity->newest_us = INT64_MIN;
      for (const Series* series : entity->series) {
        entity->newest_us =
            std::max(entity->newest_us, plans->plan(series->measure).last_event_us(series->block()));
      }
      schedule(*entity);
    }
    refresh_own_due(customer);
  });
}

}  // namespace proactive::daemon
