#include "daemon/io/cross_check.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "models/base/check.h"

namespace proactive::daemon {
namespace {

constexpr std::int64_t kNone = CommitVersion::kNone;
constexpr std::size_t kTelemetry = static_cast<std::size_t>(StreamKind::telemetry);

bool present(const CommitVersion& version) {
  return version.v > 0 || std::any_of(version.offsets.begin(), version.offsets.end(),
                                      [](std::int64_t offset) { return offset != kNone; });
}

std::string text_of(const CommitVersion& version) {
  return fmt::format("v{} at telemetry {}, profiles {}", version.v, version.offsets[0], version.offsets[1]);
}

// Where the state ends that needs no record to be read again.
std::int64_t replay_from(const CrossCheckFacts& facts) {
  return facts.meta.v == 0 || facts.meta.replay_from == kNone ? INT64_MAX : facts.meta.replay_from;
}

CrossCheck refuse(Refusal refusal, std::string sentence) {
  CrossCheck check;
  check.refusal = refusal;
  check.sentence = std::move(sentence);
  return check;
}

// Whose state is it? Only a restored meta record can tell.
CrossCheck check_owner(const CrossCheckFacts& facts, const CrossCheckRules& rules) {
  if (facts.meta.v == 0) return {};
  if (facts.meta_group != rules.group) {
    return refuse(
        Refusal::foreign_group,
        fmt::format("the changelog {} holds state of group '{}', this is group '{}': two groups must not "
                    "share a changelog; give this group a changelog topic of its own",
                    rules.changelog_topic, facts.meta_group, rules.group));
  }
  if (facts.meta_partitions != rules.partition_count) {
    return refuse(
        Refusal::partition_count,
        fmt::format("the state was written with {} partitions, the input now has {}: keys have moved; use a "
                    "new group and a new changelog topic, and read the input again",
                    facts.meta_partitions, rules.partition_count));
  }
  return {};
}

// A stream of the state whose committed offset is gone, while all else agrees: brokers delete the offsets of a topic
// with the topic, but not those of the group's other topics.
std::optional<std::size_t> without_offset(const CrossCheckFacts& facts, const CrossCheckRules& rules) {
  std::optional<std::size_t> gone;
  CommitVersion left = facts.meta;
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    if (!rules.streams[stream].on || facts.committed.offsets[stream] != kNone ||
        left.offsets[stream] == kNone)
      continue;
    gone = stream;
    left.offsets[stream] = kNone;
  }
  return gone && same_version(facts.committed, left, rules.streams) ? gone : std::nullopt;
}

// Which version do offsets and state agree upon?
CrossCheck check_version(const CrossCheckFacts& facts, const CrossCheckRules& rules) {
  CrossCheck check;
  const bool has_offsets = present(facts.committed);
  const bool has_state = facts.meta.v > 0;
  if (!has_offsets && !has_state) {
    check.commit_now = true;
  } else if (!has_offsets) {
    check.version = facts.meta;
    check.commit_now = true;
    check.sentence = "the group's offsets have expired: going on from the changelog's";
  } else if (!has_state) {
    if (!rules.accept_empty_state) {
      return refuse(
          Refusal::changelog_lost,
          fmt::format("offsets are committed ({}), but the changelog {} holds no state for partition {}: it "
                      "was deleted or is another topic; restore it, or start with --accept-empty-state to "
                      "begin without history at these offsets",
                      text_of(facts.committed), rules.changelog_topic, facts.partition));
    }
    check.version = facts.committed;
    check.commit_now = true;
    check.sentence = "the changelog holds no state: beginning without history, as --accept-empty-state says";
  } else if (same_version(facts.committed, facts.meta, rules.streams)) {
    check.version = facts.meta;
  } else if (const std::optional<std::size_t> gone = without_offset(facts, rules)) {
    return refuse(
        Refusal::input_recreated,
        fmt::format("the group has lost its offset of {} partition {}, the state was built up to {}: the "
                    "topic was recreated; use a new group and a new changelog topic",
                    rules.streams[*gone].topic, facts.partition, facts.meta.offsets[*gone]));
  } else {
    if (!rules.accept_offset_reset) {
      return refuse(
          Refusal::offsets_differ,
          fmt::format("committed offsets ({}) and restored state ({}) do not belong together: offsets were "
                      "reset by hand, or the changelog is another one's; undo that, or start with "
                      "--accept-offset-reset to keep the state and read from the committed offsets",
                      text_of(facts.committed), text_of(facts.meta)));
    }
    check.version = facts.meta;
    for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
      if (facts.committed.offsets[stream] != kNone)
        check.version.offsets[stream] = facts.committed.offsets[stream];
    }
    check.version.v = std::max(facts.committed.v, facts.meta.v);
    check.commit_now = true;
    check.sentence = "offsets were moved: keeping the state, as --accept-offset-reset says";
  }
  return check;
}

}  // namespace

bool same_version(const CommitVersion& a, const CommitVersion& b,
                  const std::array<StreamStart, kStreamKinds>& streams) {
  if (a.v != b.v) return false;
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    if (streams[stream].on && a.offsets[stream] != b.offsets[stream]) return false;
  }
  return true;
}

CrossCheck cross_check(const CrossCheckFacts& facts, const CrossCheckRules& rules) {
  CrossCheck check = check_owner(facts, rules);
  if (check.refusal != Refusal::none) return check;
  check = check_version(facts, rules);
  if (check.refusal != Refusal::none) return check;
  if (facts.missing_keys > 0) {
    const std::string what =
        fmt::format("the changelog {} lacks {} of {} records of partition {}", rules.changelog_topic,
                    facts.missing_keys, facts.meta_keys, facts.partition);
    if (!rules.accept_empty_state) {
      return refuse(Refusal::changelog_lost,
                    what +
                        ": it was deleted and made anew under a running lane, or cut off; restore it, or "
                        "start with --accept-empty-state to go on with what is left");
    }
    check.sentence = what + ": going on with what is left, as --accept-empty-state says";
  }

  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    const StreamStart& input = rules.streams[stream];
    const StreamBounds& bounds = facts.bounds[stream];
    std::int64_t& offset = check.version.offsets[stream];
    if (!input.on) {
      offset = kNone;
      continue;
    }
    if (offset == kNone) {  // a new partition, or a topic that was added
      offset = input.start == config::StartOffset::earliest ? bounds.low : bounds.high;
      check.commit_now = true;
    } else if (const std::int64_t needed =
                   stream == kTelemetry ? std::min(offset, replay_from(facts)) : offset;
               needed < bounds.low) {
      if (!rules.skip_lost_input) {
        return refuse(
            Refusal::input_lost,
            fmt::format("{} partition {} begins at offset {}, the state ends at {}: {} records were deleted "
                        "before they were read; set on_lost_input: skip to go on without them",
                        input.topic, facts.partition, bounds.low, needed, bounds.low - needed));
      }
      check.gap += static_cast<std::uint64_t>(bounds.low - needed);
      offset = std::max(offset, bounds.low);
      check.commit_now = true;
    } else if (offset > bounds.high) {
      return refuse(
          Refusal::input_recreated,
          fmt::format("{} partition {} ends at offset {}, the state was built up to {}: the topic was "
                      "recreated; use a new group and a new changelog topic",
                      input.topic, facts.partition, bounds.high, offset));
    }
  }
  check.version.replay_from = check.version.offsets[kTelemetry];
  return check;
}

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::none:
      return "none";
    case Refusal::foreign_group:
      return "foreign_group";
    case Refusal::partition_count:
      return "partition_count";
    case Refusal::changelog_lost:
      return "changelog_lost";
    case Refusal::offsets_differ:
      return "offsets_differ";
    case Refusal::input_lost:
      return "input_lost";
    case Refusal::input_recreated:
      return "input_recreated";
    case Refusal::state_unreadable:
      return "state_unreadable";
    case Refusal::misplaced:
      return "misplaced";
  }
  PROACTIVE_CHECK(false);
}

}  // namespace proactive::daemon
