// Which partition a key belongs to, by the three hashes that Kafka producers use. Pure functions.
//
//   murmur2  Java clients, and librdkafka's murmur2_random: (murmur2(key) & 0x7fffffff) % N
//   crc32    librdkafka's own default, consistent_random: crc32(key) % N
//   fnv1a    Sarama: |fnv1a(key)| % N
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/codec/record.h"

namespace proactive::daemon {

enum class Partitioner : std::uint8_t { murmur2, crc32, fnv1a };

// The configuration's word; nullopt for any other.
[[nodiscard]] std::optional<Partitioner> partitioner_from(std::string_view name);

[[nodiscard]] std::uint32_t murmur2(std::string_view bytes);
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);
[[nodiscard]] std::uint32_t fnv1a(std::string_view bytes);

// REQUIRES: partitions > 0.
[[nodiscard]] PartitionId partition_of(Partitioner partitioner, std::string_view key,
                                       std::int32_t partitions);

}  // namespace proactive::daemon
