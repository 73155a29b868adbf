#include "models/base/state_record.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "models/base/bytes.h"

namespace proactive {
namespace {

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

RecordHeader some_header() {
  RecordHeader header;
  header.schema = 3;
  header.kind = RecordType::series;
  header.params_hash = 0x11223344;
  header.applied_offset = 81920;
  header.last_event_ts_ms = 1'795'426'798'120;
  header.source = 1;
  header.record_class = RecordClass::replayable;
  header.flags = 0x0102;
  return header;
}

TEST_CASE("a key is its type and each part with its length") {
  const std::string key = encode_key({RecordType::series, {"acme", "", "00ff"}});

  CHECK(hex(key) ==
        "02"
        "0461636d65"
        "00"
        "0430306666");
  CHECK(decode_key(key).value() == StateKey{RecordType::series, {"acme", "", "00ff"}});
}

TEST_CASE("a part of 128 bytes and more has a two-byte length") {
  const std::string longer(300, 'x');

  const std::string key = encode_key({RecordType::customer, {longer}});

  CHECK(hex(key.substr(0, 3)) ==
        "01"
        "ac02");
  CHECK(decode_key(key).value().parts[0] == longer);
}

TEST_CASE("any key survives the round trip") {
  CHECK(rc::check([](const std::vector<std::string>& parts) {
    StateKey key{static_cast<RecordType>(*rc::gen::inRange(0, kLastRecordType + 1)), {}};
    for (const std::string& part : parts) key.parts.push_back(part);
    const std::string bytes = encode_key(key);
    const Result<StateKey> decoded = decode_key(bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == key);
  }));
}

TEST_CASE("what decodes as a key encodes to the same bytes, and other bytes are refused without a crash") {
  CHECK(rc::check([](const std::string& bytes) {
    const Result<StateKey> decoded = decode_key(bytes);
    if (decoded) RC_ASSERT(encode_key(*decoded) == bytes);
  }));
}

TEST_CASE("a damaged key names its byte") {
  struct Row {
    std::string bytes;
    const char* message;
  };
  const Row rows[] = {
      {"", "byte 0: the key is empty"},
      {"\x09", "byte 0: unknown record type 9"},
      {std::string("\x01\x04"
                   "ac",
                   4),
       "byte 1: a part's length is wrong"},                                  // two of four bytes
      {std::string("\x01\x80\x00", 3), "byte 1: a part's length is wrong"},  // not the shortest form
      {std::string("\x01\x01"
                   "a\xff",
                   4),
       "byte 3: a part's length is wrong"},  // a varint without end
      {"\x01" + std::string(10, '\xff') + "\x01", "byte 1: a part's length is wrong"},  // more than 64 bits
  };
  for (const Row& row : rows) {
    const Result<StateKey> key = decode_key(row.bytes);
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().message == std::string("state key ") + row.message);
  }
}

TEST_CASE("the header's bytes do not change") {
  std::string bytes;
  encode_header(some_header(), bytes);

  CHECK(hex(bytes) ==
        "d5"
        "03"
        "0200"
        "44332211"
        "0040010000000000"
        "28cac607a2010000"
        "01"
        "01"
        "0201"
        "00000000");
  CHECK(decode_header(bytes).value() == some_header());
}

TEST_CASE("a damaged header names its byte") {
  std::string good;
  encode_header(some_header(), good);
  const auto with = [&good](std::size_t at, char byte) {
    std::string bad = good;
    bad[at] = byte;
    return decode_header(bad).error().message;
  };

  CHECK(with(0, 'x') == "state record byte 0: wrong magic: not a state record");
  CHECK(with(2, 77) == "state record byte 2: unknown kind 77");
  CHECK(with(25, 2) == "state record byte 25: unknown class 2");
  CHECK(with(31, 1) == "state record byte 28: the reserved bytes are not zero");
  CHECK(decode_header(good.substr(0, 31)).error().message ==
        "state record byte 31: the record ends inside its 32-byte header");
}

TEST_CASE("blocks are read back in order with their versions and hashes") {
  std::string bytes;
  BlockWriter writer(bytes);
  writer.add(1, 2, 0xAABBCCDD, "payload");
  writer.begin(64, 1, 7);
  bytes += "in place";
  writer.end();
  writer.add(3, 1, 0, "");

  BlockReader reader(bytes);
  const Block first = **reader.next(), second = **reader.next(), third = **reader.next();

  CHECK(hex(bytes.substr(0, 8)) ==
        "01"
        "02"
        "0700"
        "ddccbbaa");
  CHECK(first.id == 1);
  CHECK(first.version == 2);
  CHECK(first.params_hash == 0xAABBCCDD);
  CHECK(first.payload == "payload");
  CHECK(second.payload == "in place");
  CHECK(third.payload.empty());
  CHECK_FALSE(reader.next()->has_value());
}

TEST_CASE("a block that is longer than its record names its byte") {
  std::string bytes;
  BlockWriter(bytes).add(5, 1, 0, "abc");

  CHECK(BlockReader(bytes.substr(0, 5)).next().error().message ==
        "state record byte 32: a block header is cut off");
  CHECK(BlockReader(bytes.substr(0, 10)).next().error().message ==
        "state record byte 34: block 5 says 3 bytes, the record has 2");
}

TEST_CASE("random bytes behind a header end in blocks or in an error, never beyond the record") {
  CHECK(rc::check([](const std::string& bytes) {
    BlockReader reader(bytes);
    std::string again;
    BlockWriter writer(again);
    while (true) {
      const Result<std::optional<Block>> block = reader.next();
      if (!block) return;
      if (!*block) break;
      writer.add((*block)->id, (*block)->version, (*block)->params_hash, (*block)->payload);
    }
    RC_ASSERT(again == bytes);
  }));
}

TEST_CASE("a reader that ran out of bytes returns zeros from then on") {
  ByteReader reader("\x01\x02\x03");

  CHECK(reader.get<std::uint16_t>() == 0x0201);
  CHECK(reader.get<std::uint32_t>() == 0);
  CHECK(reader.failed());
  CHECK(reader.position() == 2);
  CHECK(reader.get<std::uint8_t>() == 0);
}

}  // namespace
}  // namespace proactive
