// What a Pipeline hands to its lane: output records of this step, and the state changes of a transaction.
#pragma once

#include <functional>
#include <string>
#include <string_view>
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

// Takes one state change; the views end with the call. False: no more is wanted, and the
// transaction may already be undone.
using TakeChange = std::function<bool(std::string_view key, std::string_view value, bool tombstone)>;

// Many of them, kept: the meta record last.
struct ChangeSet {
  std::vector<StateChange> changes;
  std::size_t bytes = 0;
};

}  // namespace proactive::daemon
