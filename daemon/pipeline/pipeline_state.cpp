#include <algorithm>
#include <cstring>

#include "daemon/pipeline/pipeline_impl.h"
#include "daemon/pipeline/state_blocks.h"
#include "models/base/bytes.h"
#include "models/base/check.h"
#include "models/base/state_record.h"

namespace proactive::daemon {
namespace {

std::int64_t millis(std::int64_t us) { return us == INT64_MIN ? 0 : us / 1000; }

template <class T>
std::string_view bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void append_profile(const Profile& profile, std::string& out) {
  ByteWriter bytes(out);
  bytes.put(profile.version);
  bytes.put_varint(profile.fields.size());
  for (const auto& field : profile.fields) {
    bytes.put_string(field.first);
    bytes.put(static_cast<std::uint8_t>(field.second.index()));
    if (const auto* text = std::get_if<std::string>(&field.second)) {
      bytes.put_string(*text);
    } else if (const auto* number = std::get_if<double>(&field.second)) {
      bytes.put(*number);
    } else {
      bytes.put(static_cast<std::uint8_t>(std::get<bool>(field.second) ? 1 : 0));
    }
  }
}

}  // namespace

// ---- out --------------------------------------------------------------------------------------------------------------

void Pipeline::Impl::encode_record(const CustomerStore::Change& change, std::string& key,
                                   std::string& value) const {
  key.clear();
  value.clear();
  RecordHeader header;
  header.schema = kStateSchema;
  if (change.customer != nullptr) {
    const std::string_view parts[] = {change.customer->id};
    encode_key(RecordType::customer, parts, key);
    if (!change.erased) {
      header.kind = RecordType::customer;
      encode_header(header, value);
      BlockWriter writer(value);
      writer.begin(kProfileBlock, 1, 0);
      append_profile(*change.customer->profile, value);
      writer.end();
    }
  } else if (change.series != nullptr) {
    const Series& series = *change.series;
    const Entity& entity = *series.entity;
    const SeriesPlan& plan = plans->plan(series.measure);
    const std::string_view parts[] = {entity.customer->id, rules->entity_types[entity.type].name, entity.id,
                                      plans->hash_hex(series.measure)};
    encode_key(RecordType::series, parts, key);
    if (!change.erased) {
      header.kind = RecordType::series;
      header.params_hash = plan.params_hash();
      header.applied_offset = plan.applied_offset(series.block());
      header.last_event_ts_ms = millis(plan.last_event_us(series.block()));
      header.record_class = RecordClass::replayable;
      encode_header(header, value);
      plan.append_blocks(series.block(), value);
    }
  } else {
    const EpisodeSlot& episode = *change.episode;
    const Entity& entity = *episode.entity;
    const std::string_view parts[] = {entity.customer->id, rules->entity_types[entity.type].name, entity.id,
                                      rules->rules[episode.rule].name};
    encode_key(RecordType::episode, parts, key);
    if (!change.erased) {
      header.kind = RecordType::episode;
      header.last_event_ts_ms = millis(episode.record.episode.last_step_us);
      encode_header(header, value);
      BlockWriter writer(value);
      writer.add(kEpisodeBlock, 1, 0, bytes_of(episode.record.episode));
      writer.add(kLedgerBlock, 1, 0, bytes_of(episode.record.ledger));
    }
  }
}

std::string Pipeline::Impl::meta_value(const CommitVersion& of, const ReplayPlan& plan) const {
  std::string value;
  RecordHeader header;
  header.schema = kStateSchema;
  header.kind = RecordType::meta;
  header.applied_offset = of.offsets[0];
  header.last_event_ts_ms = millis(watermark.state().max_event_us);
  encode_header(header, value);
  BlockWriter writer(value);
  ByteWriter bytes(value);
  writer.begin(kMetaVersionBlock, 1, 0);
  for (const std::int64_t offset : of.offsets) bytes.put(offset);
  bytes.put(of.v);
  bytes.put(of.replay_from);
  bytes.put(micros(of.watermark));
  bytes.put(micros(of.tick));
  bytes.put(of.rules_hash);
  writer.end();
  writer.add(kMetaWatermarkBlock, 1, 0, bytes_of(watermark.state()));
  writer.begin(kMetaGroupBlock, 1, 0);
  bytes.put(setup->partition_count);
  bytes.put_bytes(setup->group);
  writer.end();
  writer.begin(kMetaKeysBlock, 1, 0);
  bytes.put(state_keys());
  writer.end();
  if (!plan.steps.empty()) {
    writer.begin(kMetaReplayBlock, 1, 0);
    append_replay_plan(plan, value);
    writer.end();
  }
  return value;
}

// Those of rules that are gone are written all the same.
std::uint64_t Pipeline::Impl::state_keys() const { return counts.series + counts.episodes + orphans.size(); }

bool Pipeline::stream_changes(const CommitVersion& version, const TakeChange& take) {
  Impl& p = *impl_;
  if (!p.chosen) p.choose_written(version.offsets[0], kNever, true);
  p.expire_orphans({});
  const bool all = p.store->for_each_change([&p, &take](const CustomerStore::Change& change) {
    p.encode_record(change, p.change_key, p.change_value);
    return take(p.change_key, p.change_value, change.erased);
  });
  if (!all) return false;
  for (const std::string& key : p.erased_orphans) {
    if (!take(key, {}, true)) return false;
  }
  return take(encode_key({RecordType::meta, {}}), p.meta_value(version, p.checkpoint.plan()), false);
}

void Pipeline::collect_changes(const CommitVersion& version, ChangeSet& into) {
  stream_changes(version, [&into](std::string_view key, std::string_view value, bool tombstone) {
    into.changes.push_back({std::string(key), std::string(value), tombstone});
    into.bytes += key.size() + value.size();
    return true;
  });
}

void Pipeline::dump(ChangeSet& into) {
  Impl& p = *impl_;
  const auto add = [&p, &into](const CustomerStore::Change& change) {
    StateChange record;
    p.encode_record(change, record.key, record.value);
    into.changes.push_back(std::move(record));
  };
  p.store->for_each_customer([&add](Customer& customer) {
    if (customer.profile != nullptr) add({&customer, nullptr, nullptr, false});
    for (Entity* entity : customer.entities) {
      for (Series* series : entity->series) add({nullptr, series, nullptr, false});
      for (EpisodeSlot* episode : entity->episodes) add({nullptr, nullptr, episode, false});
    }
  });
  for (const auto& orphan : p.orphans) into.changes.push_back({orphan.first, orphan.second.value, false});
  std::sort(into.changes.begin(), into.changes.end(),
            [](const StateChange& a, const StateChange& b) { return a.key < b.key; });
  CommitVersion whole = p.version;
  whole.replay_from = whole.offsets[0];
  into.changes.push_back({encode_key({RecordType::meta, {}}), p.meta_value(whole, {}), false});
  into.bytes = 0;
  for (const StateChange& change : into.changes) into.bytes += change.key.size() + change.value.size();
}

}  // namespace proactive::daemon
