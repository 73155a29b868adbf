// State records of partitions in a file, as `replay --state-out` writes and `state --file` reads them:
//
//   file   = "proactived-state 1\n" *record
//   record = partition i32, key bytes u32, value bytes u32, key, value        little-endian
//
// A tombstone has no value bytes. The records themselves are those of the changelog (docs/state-format.md).
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string_view>

#include "daemon/codec/record.h"
#include "daemon/pipeline/output.h"
#include "models/base/result.h"

namespace proactive::daemon {

void begin_state_file(std::ostream& out);
void write_state_records(std::ostream& out, PartitionId partition, const ChangeSet& changes);

using StateRecordSeen = std::function<void(PartitionId, std::string_view key, std::string_view value)>;
// Fails with the byte position at a wrong magic, a length beyond the end, or a record above 64 MiB.
[[nodiscard]] Result<void> read_state_file(std::istream& in, const StateRecordSeen& seen);

}  // namespace proactive::daemon
