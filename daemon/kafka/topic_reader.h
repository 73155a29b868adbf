// Reads a topic from its beginning to the end that it has now: for `state`, tests and the quickstart.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/codec/record.h"
#include "models/base/result.h"

namespace proactive::daemon::kafka {

struct TopicRecord {  // views live until `take` returns
  PartitionId partition = 0;
  std::int64_t offset = 0;
  Timestamp timestamp{};
  std::string_view key, value;
  bool tombstone = false;
  std::span<const HeaderView> headers;
};

// Committed records only, in offset order within each partition. `partition`: only that one. `take` returns false to
// stop early. Returns the number of records handed over. Fails when nothing moves for `stuck_after`, for example
// behind an open transaction.
[[nodiscard]] Result<std::uint64_t> read_topic(const config::KafkaConfig& kafka, const std::string& topic,
                                               std::optional<PartitionId> partition,
                                               const std::function<bool(const TopicRecord&)>& take,
                                               Duration stuck_after = std::chrono::seconds(30));

}  // namespace proactive::daemon::kafka
