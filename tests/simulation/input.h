// What the producers of the input do in one schedule: a few customers with rhythm, faults, silences, duplicates, late
// and bad records, and profiles that change.
//
// Topics have no order among each other, so what a telemetry record does must not depend on a profile that comes at any
// time: customers with telemetry have theirs before everything else, and those that change send no telemetry.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/sim_log.h"

namespace proactive::simulation {

struct InputLine {
  StreamKind stream = StreamKind::telemetry;
  PartitionId partition = 0;
  Timestamp at{};
  std::string key, value;
  bool tombstone = false;
};

// Input that is read to its end before the wall clock moves on.
struct Round {
  Timestamp wall{};
  std::vector<InputLine> lines;  // in order of arrival
};

struct Input {
  std::vector<InputLine> profiles;  // there before the first lane starts
  std::vector<Round> rounds;
};

inline constexpr Duration kLateness = std::chrono::minutes(2);
inline constexpr Duration kIdleAfter = std::chrono::seconds(3);

[[nodiscard]] Input make_input(Random& random, const Plan& plan);

// Appends lines[from, to) as producers do: plainly, or in a transaction that leaves a control record, some of them
// after one that was aborted.
void append_input(Sim& sim, SimLog& log, const std::vector<InputLine>& lines, std::size_t from,
                  std::size_t to);

}  // namespace proactive::simulation
