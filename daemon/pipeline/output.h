// What a Pipeline hands to its lane: output records of this step, and the state changes of a transaction.
#pragma once

#include <string>
#include <vector>

#include "daemon/codec/record.h"

namespace proactive::daemon {

// Owner: the lane; cleared after each step. Records are in the order in which they came to be.
struct PipelineOutput {
  std::vector<OutputRecord> records;

  void clear() { records.clear(); }
};

struct StateChange {
  std::string key;
  std::string value;
  bool tombstone = false;
};

// The state records that a transaction changed, in canonical key order, the meta record last.
struct ChangeSet {
  std::vector<StateChange> changes;
  std::size_t bytes = 0;
};

}  // namespace proactive::daemon
