#include "daemon/io/partition_hash.h"

#include <array>

#include "models/base/check.h"

namespace proactive::daemon {
namespace {

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320u : 0u);
    table[byte] = rest;
  }
  return table;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::optional<Partitioner> partitioner_from(std::string_view name) {
  if (name == "murmur2") return Partitioner::murmur2;
  if (name == "crc32") return Partitioner::crc32;
  if (name == "fnv1a") return Partitioner::fnv1a;
  return std::nullopt;
}

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr std::uint32_t kSeed = 0x9747b28c;  // Kafka's, not the paper's
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2) << 16 |
                         byte_at(bytes, at + 3) << 24;
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash = (hash * kMultiplier) ^ word;
  }
  const std::size_t left = bytes.size() - at;
  if (left >= 3) hash ^= byte_at(bytes, at + 2) << 16;
  if (left >= 2) hash ^= byte_at(bytes, at + 1) << 8;
  if (left >= 1) hash = (hash ^ byte_at(bytes, at)) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ (hash >> 15);
}

std::uint32_t crc32(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = crc_table();
  std::uint32_t rest = 0xFFFFFFFF;
  for (const char byte : bytes) rest = (rest >> 8) ^ kTable[(rest ^ static_cast<unsigned char>(byte)) & 0xFF];
  return ~rest;
}

std::uint32_t fnv1a(std::string_view bytes) {
  std::uint32_t hash = 0x811C9DC5;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193u;
  return hash;
}

PartitionId partition_of(Partitioner partitioner, std::string_view key, std::int32_t partitions) {
  PROACTIVE_CHECK(partitions > 0);
  const auto count = static_cast<std::uint32_t>(partitions);
  switch (partitioner) {
    case Partitioner::murmur2:
      return static_cast<PartitionId>((murmur2(key) & 0x7fffffff) % count);
    case Partitioner::crc32:
      return static_cast<PartitionId>(crc32(key) % count);
    case Partitioner::fnv1a: {
      const std::uint32_t hash = fnv1a(key);
      return static_cast<PartitionId>(((hash >> 31) != 0 ? 0u - hash : hash) % count);  // the absolute value
    }
  }
  PROACTIVE_CHECK(false);
}

}  // namespace proactive::daemon
