// What a Pipeline has done, as plain numbers: one writer, copied into LaneMetrics after each batch.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/codec/decode.h"
#include "daemon/outreach/decision.h"

namespace proactive::daemon {

// Work: includes what an abort undoes and repeats.
struct PipelineCounts {
  std::uint64_t records = 0;
  std::uint64_t telemetry = 0;       // decoded and used
  std::uint64_t unused_signals = 0;  // sound, but no rule uses the signal
  std::uint64_t unmatched = 0;       // the type is used, but no signal's `where` holds
  std::uint64_t out_of_range = 0;    // value missing, not a number or outside the signal's range
  std::uint64_t profiles = 0;
  std::uint64_t stale_profiles = 0;  // a lower version than the one known
  std::uint64_t late = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t clock_ahead = 0;
  std::uint64_t counter_resets = 0;
  std::array<std::uint64_t, kDecodeCodes> rejected{};
  std::uint64_t buckets_closed = 0;
  std::uint64_t scores = 0;
  std::uint64_t evaluations = 0;
  std::uint64_t refused_entities = 0, refused_series = 0, refused_episodes = 0, refused_full = 0;
  std::uint64_t tick_full = 0;
  std::uint64_t blocks_reset = 0;  // state blocks that started cold: other parameters or damage
  std::uint64_t expired = 0;
  std::uint64_t render_failed = 0;
  std::uint64_t output_too_large = 0;
  std::uint64_t replayed = 0;  // records that a restore read again, without telling anybody
  std::uint64_t replay_differs =
      0;  // replays that ended in another event time than the one that was committed
  std::uint64_t checkpoint_full =
      0;  // everything was written because a restore would have had too much to replay
  // Present sizes.
  std::uint64_t customers = 0, entities = 0, series = 0, episodes = 0, orphans = 0;
};

// Effects: counted when they are committed, so that an abort leaves no trace.
struct EffectCounts {
  struct PerRule {
    bool changed = false;      // something below is not zero
    std::uint64_t opened = 0;  // episodes that fired
    std::uint64_t outreach_opened = 0, outreach_updated = 0, outreach_resolved = 0, outreach_cancelled = 0;
    std::array<std::array<std::uint64_t, kReasons>, kActions> decisions{};  // by action, reason
  };
  std::vector<PerRule> rules;  // by RuleIndex of the set in use
};

}  // namespace proactive::daemon
