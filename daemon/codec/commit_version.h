// The version of a partition's state: committed input offsets and a counter. It travels in the offset commit's
// metadata and in the changelog's meta record, so that an unknown outcome can be resolved (kafka.md 4).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/codec/record.h"
#include "models/base/result.h"

namespace proactive::daemon {

struct CommitVersion {
  static constexpr std::int64_t kNone = -1;
  // Next offset to read, by StreamKind; kNone: the stream is off or nothing was committed.
  std::array<std::int64_t, kStreamKinds> offsets{kNone, kNone};
  std::uint64_t v = 0;  // rises by one with each commit of this partition; 0: never committed
  std::int64_t replay_from =
      kNone;  // telemetry offset from which replayable state is rebuilt; today offsets[telemetry]
  Timestamp watermark = kNever;
  Timestamp tick = kNever;  // newest tick that changed state
  std::uint64_t rules_hash = 0;

  friend bool operator==(const CommitVersion&, const CommitVersion&) = default;
};

// "p1 v=42 r=1000 wm=1767571200000 tick=... rs=0123456789abcdef": text, at most 256 bytes, no NUL
// (librdkafka issue 4876). kNever is written as "-". Offsets are not part of it: they are the commit itself.
[[nodiscard]] std::string format_metadata(const CommitVersion& version);
[[nodiscard]] Result<CommitVersion> parse_metadata(std::string_view text);

// One commit and no other: equal in all that an offset commit carries. `committed` may have lost what is finer than a
// millisecond.
[[nodiscard]] bool same_commit(const CommitVersion& held, const CommitVersion& committed);

}  // namespace proactive::daemon
