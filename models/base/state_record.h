// The bytes of one state record, shared by the writer, the restore and the printing command.
//
//   key    = type u8, part*              part = varint length, bytes
//   value  = header, block*              an empty value is a tombstone
//   header = magic u8 | schema u8 | kind u16 | params_hash u32 | applied_offset i64 | last_event_ts_ms i64
//            | source u8 | class u8 | flags u16 | reserved u32                                   (32 bytes)
//   block  = id u8 | version u8 | bytes u16 | params_hash u32 | payload
//
// All integers little-endian. No checksum: a Kafka batch has one. What a schema, a block id or a payload means belongs to
// the record's owner; this file only frames. Failure: a Result whose message names the byte. Nothing here allocates on
// success but what is returned or appended.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace proactive {

// First byte of every key and `kind` of every header. Numbers are never reused.
enum class RecordType : std::uint8_t {
  meta = 0,
  customer = 1,
  series = 2,
  episode = 3,
  held = 4,
  counts = 5
};
inline constexpr std::uint8_t kLastRecordType = 5;

// eager: written in the transaction that changed it. replayable: may be written later and made good by replay.
enum class RecordClass : std::uint8_t { eager = 0, replayable = 1 };

inline constexpr std::uint8_t kRecordMagic = 0xD5;
inline constexpr std::size_t kRecordHeaderBytes = 32;
inline constexpr std::size_t kBlockHeaderBytes = 8;
inline constexpr std::size_t kLargestPayload = 0xFFFF;

// Block ids of a series record: 1..63 belong to models/detect (block_ids.h), 64..255 to the pipeline.
inline constexpr std::uint8_t kFirstPipelineBlock = 64;

struct StateKey {
  RecordType type = RecordType::meta;
  std::vector<std::string_view> parts;  // decode_key: views into the key

  bool operator==(const StateKey&) const = default;
};

// Appends. One object has exactly one key.
void encode_key(RecordType type, std::span<const std::string_view> parts, std::string& out);
[[nodiscard]] std::string encode_key(const StateKey& key);
[[nodiscard]] Result<StateKey> decode_key(std::string_view key);
// The first part of a key, which names the customer; empty if there is none.
[[nodiscard]] std::string_view customer_of_key(std::string_view key);

struct RecordHeader {
  std::uint8_t schema = 1;
  RecordType kind = RecordType::meta;
  std::uint32_t params_hash = 0;      // of the plan that laid the record out
  std::int64_t applied_offset = -1;   // of telemetry topic number `source`
  std::int64_t last_event_ts_ms = 0;  // event time, epoch milliseconds
  std::uint8_t source = 0;
  RecordClass record_class = RecordClass::eager;
  std::uint16_t flags = 0;

  bool operator==(const RecordHeader&) const = default;
};

void encode_header(const RecordHeader& header, std::string& out);  // appends
// Magic, kind, class and the reserved bytes are checked; whether `schema` is too new is for the caller to judge.
[[nodiscard]] Result<RecordHeader> decode_header(std::string_view value);

struct Block {
  std::uint8_t id = 0;
  std::uint8_t version = 0;
  std::uint32_t params_hash = 0;
  std::string_view payload;
};

// Appends blocks to a string. `add` for a payload at hand; begin, bytes appended to the same string, end for one that is
// written in place. REQUIRES: payloads of at most kLargestPayload bytes.
class BlockWriter {
 public:
  explicit BlockWriter(std::string& out) : out_(&out) {}
  void add(std::uint8_t id, std::uint8_t version, std::uint32_t params_hash, std::string_view payload);
  void begin(std::uint8_t id, std::uint8_t version, std::uint32_t params_hash);
  void end();

 private:
  std::string* out_;
  std::size_t payload_begin_ = 0;
};

// Walks the blocks behind a header (or any run of blocks). `base` is added to the byte positions in messages.
class BlockReader {
 public:
  explicit BlockReader(std::string_view blocks, std::size_t base = kRecordHeaderBytes)
      : blocks_(blocks), base_(base) {}
  // nullopt at the end. After an error the reader stays where it is.
  [[nodiscard]] Result<std::optional<Block>> next();

 private:
  std::string_view blocks_;
  std::size_t base_;
  std::size_t at_ = 0;
};

}  // namespace proactive
