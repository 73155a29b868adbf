// Do a partition's committed offsets and its restored state belong together? The table of kafka.md 6 as one pure
// function: go on, start anew, or refuse with a sentence that says what to do.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/codec/commit_version.h"
#include "daemon/io/ports.h"

namespace proactive::daemon {

struct StreamStart {
  bool on = false;
  std::string topic;
  config::StartOffset start = config::StartOffset::earliest;
};

struct CrossCheckFacts {
  PartitionId partition = 0;
  CommitVersion committed;  // of the group's offsets; nothing: v == 0 and all offsets kNone
  CommitVersion meta;       // of the changelog's meta record; nothing: v == 0
  std::string meta_group;
  std::int32_t meta_partitions = 0;
  std::uint64_t meta_keys = 0, missing_keys = 0;  // records of state that there should be; that are not there
  std::array<StreamBounds, kStreamKinds> bounds;
};

struct CrossCheckRules {
  std::array<StreamStart, kStreamKinds> streams;
  std::string group;
  std::string changelog_topic = "proactived.changelog";
  std::int32_t partition_count = 1;
  bool accept_empty_state = false;
  bool accept_offset_reset = false;
  bool skip_lost_input = false;
};

// Label of restore_refused{reason}; none: not refused.
enum class Refusal : std::uint8_t {
  none,
  foreign_group,
  partition_count,
  changelog_lost,
  offsets_differ,
  input_lost,
  input_recreated,
  state_unreadable,
  misplaced
};
[[nodiscard]] std::string_view to_string(Refusal refusal);

struct CrossCheck {
  Refusal refusal = Refusal::none;
  CommitVersion version;    // where to go on; v counts on from here
  bool commit_now = false;  // Kafka does not hold this version yet: commit before anything is processed
  std::string sentence;     // of a refusal; or of a warning, when not empty
  std::uint64_t gap = 0;    // input records that are lost
};

[[nodiscard]] CrossCheck cross_check(const CrossCheckFacts& facts, const CrossCheckRules& rules);

// Equal counter and equal offsets of the streams that are on.
[[nodiscard]] bool same_version(const CommitVersion& a, const CommitVersion& b,
                                const std::array<StreamStart, kStreamKinds>& streams);

}  // namespace proactive::daemon
