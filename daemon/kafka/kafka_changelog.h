// Reads one changelog partition from its beginning to the high watermark taken at the start, committed records only.
//
// The end is a position, not a record and not the first end-of-partition event: behind the last record stand control
// records, and while a transaction is open the broker's end is before its records (kafka.md 6).
// Owner and thread: one lane. Memory: the client's queue. Failure: a Result; open another reader to try again.
#pragma once

#include <vector>

#include "daemon/io/ports.h"
#include "daemon/kafka/handles.h"

namespace proactive::daemon::kafka {

class KafkaChangelog : public ChangelogReader {
 public:
  // `client`: a table consumer that outlives the reader and serves no other meanwhile.
  static Result<std::unique_ptr<ChangelogReader>> open(rd_kafka_t* client, std::string topic,
                                                       PartitionId partition, StreamBounds bounds);
  ~KafkaChangelog() override;

  Result<std::span<const ChangelogEntry>> poll(Duration wait) override;
  [[nodiscard]] bool done() const override { return position_ >= bounds_.high; }
  [[nodiscard]] double progress() const override;

 private:
  KafkaChangelog(rd_kafka_t* client, StreamBounds bounds)
      : client_(client), bounds_(bounds), position_(bounds.low) {}

  rd_kafka_t* client_;
  StreamBounds bounds_;
  std::int64_t position_;  // everything before it was handed over or cannot be seen
  std::vector<MessageHandle> messages_;
  std::vector<ChangelogEntry> entries_;  // views into messages_
};

}  // namespace proactive::daemon::kafka
