#include "models/base/state_record.h"

#include <cstring>

#include "models/base/bytes.h"
#include "models/base/check.h"

namespace proactive {
namespace {

tl::unexpected<Error> bad_byte(std::string_view what, std::size_t at, std::string_view why) {
  return failure(std::string(what) + " byte " + std::to_string(at) + ": " + std::string(why));
}

}  // namespace

void encode_key(RecordType type, std::span<const std::string_view> parts, std::string& out) {
  ByteWriter writer(out);
  writer.put(type);
  for (const std::string_view part : parts) writer.put_string(part);
}

std::string encode_key(const StateKey& key) {
  std::string out;
  encode_key(key.type, key.parts, out);
  return out;
}

Result<StateKey> decode_key(std::string_view key) {
  ByteReader reader(key);
  const auto type = reader.get<std::uint8_t>();
  if (reader.failed()) return bad_byte("state key", 0, "the key is empty");
  if (type > kLastRecordType) return bad_byte("state key", 0, "unknown record type " + std::to_string(type));
  StateKey decoded{static_cast<RecordType>(type), {}};
  while (!reader.at_end()) {
    const std::size_t at = reader.position();
    const std::string_view part = reader.get_string();
    if (reader.failed()) return bad_byte("state key", at, "a part's length is wrong");
    decoded.parts.push_back(part);
  }
  return decoded;
}

std::string_view customer_of_key(std::string_view key) {
  if (key.empty()) return {};
  ByteReader reader(key.substr(1));
  return reader.get_string();  // empty when its length is wrong
}

void encode_header(const RecordHeader& header, std::string& out) {
  ByteWriter writer(out);
  writer.put(kRecordMagic);
  writer.put(header.schema);
  writer.put(static_cast<std::uint16_t>(header.kind));
  writer.put(header.params_hash);
  writer.put(header.applied_offset);
  writer.put(header.last_event_ts_ms);
  writer.put(header.source);
  writer.put(header.record_class);
  writer.put(header.flags);
  writer.put(std::uint32_t{0});
}

Result<RecordHeader> decode_header(std::string_view value) {
  if (value.size() < kRecordHeaderBytes) {
    return bad_byte("state record", value.size(), "the record ends inside its 32-byte header");
  }
  ByteReader reader(value);
  RecordHeader header;
  if (reader.get<std::uint8_t>() != kRecordMagic)
    return bad_byte("state record", 0, "wrong magic: not a state record");
  header.schema = reader.get<std::uint8_t>();
  const auto kind = reader.get<std::uint16_t>();
  if (kind > kLastRecordType) return bad_byte("state record", 2, "unknown kind " + std::to_string(kind));
  header.kind = static_cast<RecordType>(kind);
  header.params_hash = reader.get<std::uint32_t>();
  header.applied_offset = reader.get<std::int64_t>();
  header.last_event_ts_ms = reader.get<std::int64_t>();
  header.source = reader.get<std::uint8_t>();
  const auto record_class = reader.get<std::uint8_t>();
  if (record_class > static_cast<std::uint8_t>(RecordClass::replayable)) {
    return bad_byte("state record", 25, "unknown class " + std::to_string(record_class));
  }
  header.record_class = static_cast<RecordClass>(record_class);
  header.flags = reader.get<std::uint16_t>();
  if (reader.get<std::uint32_t>() != 0)
    return bad_byte("state record", 28, "the reserved bytes are not zero");
  return header;
}

void BlockWriter::add(std::uint8_t id, std::uint8_t version, std::uint32_t params_hash,
                      std::string_view payload) {
  begin(id, version, params_hash);
  out_->append(payload);
  end();
}

void BlockWriter::begin(std::uint8_t id, std::uint8_t version, std::uint32_t params_hash) {
  ByteWriter writer(*out_);
  writer.put(id);
  writer.put(version);
  writer.put(std::uint16_t{0});  // end() writes the length
  writer.put(params_hash);
  payload_begin_ = out_->size();
}

void BlockWriter::end() {
  const std::size_t size = out_->size() - payload_begin_;
  PROACTIVE_CHECK(payload_begin_ >= kBlockHeaderBytes && size <= kLargestPayload);
  const auto length = static_cast<std::uint16_t>(size);
  std::memcpy(out_->data() + payload_begin_ - 6, &length, sizeof(length));
  payload_begin_ = 0;
}

Result<std::optional<Block>> BlockReader::next() {
  if (at_ == blocks_.size()) return std::optional<Block>{};
  ByteReader reader(blocks_.substr(at_));
  Block block;
  block.id = reader.get<std::uint8_t>();
  block.version = reader.get<std::uint8_t>();
  const auto length = reader.get<std::uint16_t>();
  block.params_hash = reader.get<std::uint32_t>();
  if (reader.failed()) return bad_byte("state record", base_ + at_, "a block header is cut off");
  block.payload = reader.get_bytes(length);
  if (reader.failed()) {
    return bad_byte("state record", base_ + at_ + 2,
                    "block " + std::to_string(block.id) + " says " + std::to_string(length) +
                        " bytes, the record has " + std::to_string(reader.remaining()));
  }
  at_ += reader.position();
  return std::optional<Block>(block);
}

}  // namespace proactive
