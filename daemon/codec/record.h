// Records as bytes with coordinates: what a source hands to a Pipeline and what a Pipeline hands to a sink.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/time.h"

namespace proactive::daemon {

using PartitionId = std::int32_t;

enum class StreamKind : std::uint8_t { telemetry = 0, profiles = 1 };
inline constexpr std::size_t kStreamKinds = 2;

struct HeaderView {
  std::string_view name, value;
};

// Views live until the source's next poll.
struct InputRecord {
  StreamKind stream = StreamKind::telemetry;
  PartitionId partition = 0;
  std::int64_t offset = 0;
  Timestamp appended_at{};  // the record's own timestamp; kNever: it has none
  std::string_view key;
  std::string_view value;
  bool tombstone = false;  // a null value, not an empty one
  std::vector<HeaderView> headers;
};

enum class Channel : std::uint8_t { outreach = 0, decisions = 1, dead_letters = 2, changelog = 3 };
inline constexpr std::size_t kChannels = 4;

struct OutputRecord {
  Channel channel = Channel::outreach;
  std::string key;
  std::string value;
  bool tombstone = false;
  std::vector<std::pair<std::string, std::string>> headers;
  Timestamp caused_at{};  // append time of the record that made it due; for the latency histogram
};

}  // namespace proactive::daemon
