// The inputs of one lane as a member of the consumer group.
//
// Rebalances happen only inside poll(): librdkafka's callback is served there, so generation and membership wait for
// the lane and a frozen lane cannot commit over its successor. In the callback an empty assignment completes the join;
// the lane then assigns explicit offsets, as often as it likes. Offsets are never stored or committed here.
// Owner and thread: one lane. Clock: steady, handed in. Memory: the client's queues by MemoryBudget, one batch.
// Failure: events and Results; librdkafka retries what passes. No pause/resume (librdkafka #5343, #5218).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/loader/daemon_config.h"
#include "daemon/io/memory_budget.h"
#include "daemon/io/ports.h"
#include "daemon/kafka/group_session.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/transaction_error.h"

namespace proactive::daemon::kafka {

class KafkaSource : public RecordSource {
 public:
  // Subscribes at the first poll, so that the caller can initialise its producer before.
  static Result<std::unique_ptr<KafkaSource>> create(const config::KafkaConfig& kafka, int lane,
                                                     const MemoryBudget& budget,
                                                     std::shared_ptr<GroupSession> session,
                                                     std::function<Duration()> steady);
  ~KafkaSource() override;

  SourceEvent poll(Duration wait) override;
  Result<CommitVersion> committed(PartitionId partition) override;
  Result<std::array<StreamBounds, kStreamKinds>> bounds(PartitionId partition) override;
  [[nodiscard]] std::array<std::int64_t, kStreamKinds> ends(PartitionId partition) const override;
  Result<void> assign(std::span<const PartitionStart> starts) override;
  Result<void> release() override;
  Result<std::unique_ptr<ChangelogReader>> open_changelog(PartitionId partition) override;
  void close() override;

 private:
  struct Place {                 // one assigned (stream, partition)
    std::int64_t position = -1;  // next offset: everything before it was handed over
    std::int64_t end = -1;       // last stable offset as of the newest probe
  };
  using PlaceKey = std::pair<std::size_t, PartitionId>;

  KafkaSource(config::KafkaConfig kafka, int lane, MemoryBudget budget, std::shared_ptr<GroupSession> session,
              std::function<Duration()> steady);

  [[nodiscard]] Result<void> make_group_client();
  SourceEvent rejoin();
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* list, void* self);
  void rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list);
  [[nodiscard]] std::optional<std::size_t> stream_of(const char* topic) const;
  void add(MessageHandle message);
  void note(const rd_kafka_message_t& message);
  void probe_ends();
  [[nodiscard]] SourceEvent pop();
  Result<rd_kafka_t*> bounds_client();
  Result<StreamBounds> bounds_of(const std::string& topic, PartitionId partition);

  const config::KafkaConfig kafka_;
  const int lane_;
  const MemoryBudget budget_;
  const std::shared_ptr<GroupSession> session_;
  const std::function<Duration()> steady_;

  ClientHandle client_;         // member of the group
  ClientHandle table_client_;   // made at the first restore
  ClientHandle bounds_client_;  // likewise
  bool subscribed_ = false, closing_ = false;
  bool dead_ = false;  // the group client has failed for good: the next poll makes another
  FenceCount fences_;

  std::vector<PartitionId> owned_;  // of the last assignment, until it is given up
  std::deque<SourceEvent> pending_;
  std::vector<MessageHandle> messages_;  // of the batch that was handed out last
  std::vector<InputRecord> records_;     // grows only; the first messages_.size() are valid
  std::map<PlaceKey, Place> places_;
  std::map<PlaceKey, Place>::iterator newest_ =
      places_.end();  // of the record handed over last: mostly the next one's
  Duration probe_at_ = Duration::min();
};

}  // namespace proactive::daemon::kafka
