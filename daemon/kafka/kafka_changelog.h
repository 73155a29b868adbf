// Reads one changelog partition from its beginning to the high watermark taken at the start, committed records only.
//
// The end is a position, not a record and not the first end-of-partition event: behind the last record stand control
// records, and while a transaction is open the broker's end is before its records (kafka.md 6).
// Owner and thread: one lane. Memory: the client's queue. Failure: a Result; open another reader to try again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/io/ports.h"
#include "daemon/kafka/handles.h"

namespace proactive::daemon::kafka {

class KafkaChangelog : public ChangelogReader {
 public:
  // `home` holds a table consumer and outlives the reader, which takes it out and brings it back when it has read to the
  // end: a client that got stuck is not used again.
  static Result<std::unique_ptr<ChangelogReader>> open(ClientHandle& home, const std::string& topic,
                                                       PartitionId partition, StreamBounds bounds);
  ~KafkaChangelog() override;

  Result<std::span<const ChangelogEntry>> poll(Duration wait) override;
  [[nodiscard]] StreamBounds bounds() const override { return bounds_; }
  [[nodiscard]] std::int64_t position() const override { return position_; }
  [[nodiscard]] std::string trouble() const override { return trouble_; }

 private:
  KafkaChangelog(ClientHandle& home, StreamBounds bounds)
      : home_(home), client_(std::move(home)), bounds_(bounds), position_(bounds.low) {}

  ClientHandle& home_;
  ClientHandle client_;
  StreamBounds bounds_;
  std::int64_t position_;
  std::string trouble_;
  std::vector<MessageHandle> messages_;
  std::vector<ChangelogEntry> entries_;  // views into messages_
};

}  // namespace proactive::daemon::kafka
