#include <cstring>

#include <nlohmann/json.hpp>

#include "daemon/outreach/ledger.h"
#include "daemon/pipeline/series.h"
#include "daemon/pipeline/state_blocks.h"
#include "daemon/pipeline/watermark.h"
#include "models/base/bytes.h"
#include "models/base/state_record.h"
#include "models/base/time.h"
#include "rules/engine/episode.h"

namespace proactive::daemon {
namespace {

using Json = nlohmann::ordered_json;

Json time_of(std::int64_t us) {
  if (us == INT64_MIN || us == 0) return nullptr;
  return format_rfc3339(Timestamp(Duration(us)));
}

template <class T>
bool read(std::string_view payload, T& into) {
  if (payload.size() < sizeof into) return false;
  std::memcpy(&into, payload.data(), sizeof into);
  return true;
}

std::string hex_of(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return text;
}

Json describe_series(std::string_view payload) {
  SeriesHead head;
  if (!read(payload, head)) return hex_of(payload);
  Json json{{"last_event", time_of(head.last_event_us)}, {"applied_offset", head.applied_offset},
            {"first_bucket", head.first_bucket},         {"newest_bucket", head.newest_bucket},
            {"closed_bucket", head.closed_bucket},       {"closing", head.closing != 0}};
  // The ring is the tail: u16 count before `count` buckets, newest first. Its place follows from the length alone when
  // exactly one reading of it fits.
  for (const std::size_t at :
       {sizeof(SeriesHead), sizeof(SeriesHead) + sizeof(CounterHead), sizeof(SeriesHead) + sizeof(ScoreNote),
        sizeof(SeriesHead) + sizeof(CounterHead) + sizeof(ScoreNote)}) {
    if (payload.size() < at + 2) break;
    ByteReader reader(payload.substr(at));
    const auto count = reader.get<std::uint16_t>();
    if (reader.remaining() != std::size_t{count} * sizeof(Bucket)) continue;
    Json buckets = Json::array();
    for (std::uint16_t i = 0; i < count; ++i) {
      const auto a = reader.get<float>();
      buckets.push_back({a, reader.get<float>()});
    }
    json["buckets_newest_first"] = std::move(buckets);
    break;
  }
  return json;
}

Json describe_block(RecordType type, const Block& block) {
  if (block.id == kSeriesBlock && type == RecordType::series) return describe_series(block.payload);
  if (block.id == kAbsenceBlock && type == RecordType::series) {
    AbsenceHead head;
    if (read(block.payload, head)) {
      return {{"seen", time_of(head.seen_us)},
              {"silent_since", time_of(head.silent_since_us)},
              {"first_ahead", time_of(head.first_ahead_us)},
              {"applied_offset", head.applied_offset}};
    }
  }
  if (block.id == kTrendBlock && type == RecordType::series) {
    TrendState state;
    if (read(block.payload, state)) {
      return {{"level", state.forecast.level},
              {"per_step", state.forecast.trend},
              {"deviation", state.forecast.error.deviation},
              {"n", state.forecast.n}};
    }
  }
  if (block.id == kJointBlock && type == RecordType::series) {
    JointHead head;
    if (read(block.payload, head)) {
      return {{"closed_bucket", head.closed_bucket},
              {"last_event", time_of(head.last_event_us)},
              {"ready", head.ready != 0},
              {"ratio", head.ratio},
              {"n", head.samples},
              {"there", head.there}};
    }
  }
  if (block.id == kActivityBlock && type == RecordType::series) {
    ActivityHead head;
    if (read(block.payload, head)) {
      return {{"last_event", time_of(head.last_event_us)}, {"hour", head.hour}, {"hours", head.hours}};
    }
  }
  if (block.id == kEpisodeBlock) {
    static constexpr const char* kStates[] = {"ok", "pending", "firing", "recovering"};
    rules::Episode episode;
    if (read(block.payload, episode)) {
      const auto state = static_cast<std::size_t>(episode.state);
      return {{"state", state < 4 ? kStates[state] : "?"},
              {"start", time_of(episode.start_us)},
              {"since", time_of(episode.since_us)},
              {"last_step", time_of(episode.last_step_us)},
              {"latched", episode.latched},
              {"flaps", episode.flaps}};
    }
  }
  if (block.id == kLedgerBlock) {
    static constexpr const char* kStatus[] = {"none", "open", "resolved", "ended"};
    OutreachLedger ledger;
    if (read(block.payload, ledger)) {
      const auto live = static_cast<std::size_t>(ledger.status);
      const auto shadow = static_cast<std::size_t>(ledger.shadow_status);
      return {{"status", live < 4 ? kStatus[live] : "?"},
              {"shadow_status", shadow < 4 ? kStatus[shadow] : "?"},
              {"outreach_start", time_of(ledger.start_us)},
              {"opened", time_of(ledger.opened_us)},
              {"told", time_of(ledger.told_us)},
              {"revision", ledger.revision},
              {"decisions", ledger.decisions}};
    }
  }
  if (block.id == kMetaVersionBlock) {
    ByteReader reader(block.payload);
    Json json;
    json["telemetry_offset"] = reader.get<std::int64_t>();
    json["profiles_offset"] = reader.get<std::int64_t>();
    json["v"] = reader.get<std::uint64_t>();
    json["replay_from"] = reader.get<std::int64_t>();
    json["watermark"] = time_of(reader.get<std::int64_t>());
    json["tick"] = time_of(reader.get<std::int64_t>());
    ByteReader hash(block.payload.substr(reader.position()));
    const auto value = hash.get<std::uint64_t>();
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text.push_back(kDigits[value >> shift & 15]);
    json["rules_hash"] = text;
    return json;
  }
  if (block.id == kMetaWatermarkBlock) {
    WatermarkState state;
    if (read(block.payload, state)) {
      return {{"watermark", time_of(state.watermark_us)},
              {"max_event_time", time_of(state.max_event_us)},
              {"seen", time_of(state.seen_us)},
              {"holes", state.next_hole}};
    }
  }
  if (block.id == kMetaGroupBlock) {
    ByteReader reader(block.payload);
    Json json;
    json["partition_count"] = reader.get<std::int32_t>();
    json["group"] = std::string(reader.get_bytes(reader.remaining()));
    return json;
  }
  if (block.id == kProfileBlock) {
    ByteReader reader(block.payload);
    Json json;
    json["version"] = reader.get<std::uint64_t>();
    const std::uint64_t count = reader.get_varint();
    for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
      const std::string name(reader.get_string());
      const auto kind = reader.get<std::uint8_t>();
      if (kind == 0) {
        json["fields"][name] = std::string(reader.get_string());
      } else if (kind == 1) {
        json["fields"][name] = reader.get<double>();
      } else {
        json["fields"][name] = reader.get<std::uint8_t>() != 0;
      }
    }
    return json;
  }
  return hex_of(block.payload);
}

}  // namespace

Result<std::string> describe_state_record(std::string_view key, std::string_view value) {
  static constexpr const char* kTypes[] = {"meta", "customer", "series", "episode", "held", "counts"};
  const Result<StateKey> parsed = decode_key(key);
  if (!parsed) return tl::make_unexpected(parsed.error());
  Json json;
  json["type"] = kTypes[static_cast<std::size_t>(parsed->type)];
  Json parts = Json::array();
  for (const std::string_view part : parsed->parts) parts.push_back(std::string(part));
  json["key"] = std::move(parts);
  if (value.empty()) {
    json["tombstone"] = true;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  const Result<RecordHeader> header = decode_header(value);
  if (!header) return tl::make_unexpected(header.error());
  json["schema"] = header->schema;
  json["applied_offset"] = header->applied_offset;
  json["last_event"] = time_of(header->last_event_ts_ms * 1000);
  json["class"] = header->record_class == RecordClass::replayable ? "replayable" : "eager";
  json["bytes"] = value.size();
  BlockReader reader(value.substr(kRecordHeaderBytes));
  Json blocks = Json::array();
  for (;;) {
    const auto next = reader.next();
    if (!next) return tl::make_unexpected(next.error());
    if (!next->has_value()) break;
    blocks.push_back({{"id", (**next).id},
                      {"version", (**next).version},
                      {"content", describe_block(parsed->type, **next)}});
  }
  json["blocks"] = std::move(blocks);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace proactive::daemon
