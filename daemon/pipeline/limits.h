// Every bound of a Pipeline, by name. Each has a counter that rises when it is hit: in PipelineCounts, but for what the
// lane acts upon.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/base/time.h"

namespace proactive::daemon {

struct PipelineLimits {
  std::size_t entities_per_customer = 256;  // further ones are refused: refused_entities
  std::size_t series_per_customer = 2048;   // refused_series
  std::size_t episodes_per_customer = 512;  // refused_episodes
  std::size_t state_bytes = std::size_t{4}
                            << 30;  // of this partition; at the limit new keys are refused: refused_full
  std::size_t undo_bytes = std::size_t{64}
                           << 20;        // per transaction, of all partitions of a lane; beyond it the
                                         // lane commits: LaneMetrics::commits by trigger undo
  std::size_t timers_per_tick = 10'000;  // a tick that hits it leaves the rest due: tick_full
  Duration lateness = std::chrono::minutes(2);
  Duration max_clock_ahead =
      std::chrono::minutes(5);  // an event that is further ahead of `now` is a dead letter: clock_ahead
  Duration state_ttl =
      std::chrono::hours(24 * 35);  // a series or episode without events for so long is erased,
                                    // spread over an hour by customer
  // A series is written to the changelog when it has been dirty for about so long; zero: in each transaction that
  // touches it.
  Duration checkpoint_age = Duration::zero();
  std::size_t checkpoint_steps =
      1024;  // of the clock and of idle ticks that a restore would have to repeat; at the
             // limit everything is written: checkpoint_full
  Duration orphan_ttl = std::chrono::hours(24);  // state of removed rules and measures
};

}  // namespace proactive::daemon
