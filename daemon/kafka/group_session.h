// What source and sink of one lane share: topic names, and the group's generation as of the last assignment.
//
// Owner and thread: the lane's. The metadata is taken in the assign callback and lives until the partitions are given
// up, so a lane that slept through a rebalance commits with its old generation and is refused.
#pragma once

#include <array>
#include <string>

#include "daemon/codec/record.h"
#include "daemon/kafka/handles.h"

namespace proactive::daemon::kafka {

struct GroupSession {
  std::array<std::string, kStreamKinds> inputs;  // by StreamKind; empty: the stream is off
  std::array<std::string, kChannels> outputs;    // by Channel
  GroupMetadataHandle metadata;                  // null: nothing is assigned
};

}  // namespace proactive::daemon::kafka
