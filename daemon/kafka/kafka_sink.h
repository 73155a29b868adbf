// The outputs of one lane: a transactional producer, one transaction at a time.
//
// After a fatal error the producer is destroyed and made anew with the same transactional id, which ends the old
// transaction one way or the other; the lane then asks for the committed version. librdkafka 2.0.2 calls errors fatal
// that newer clients abort on, so a rebuild is a normal event.
// Owner and thread: one lane. Clock: steady, handed in. Memory: the producer's queue by MemoryBudget.
// Failure: SinkError and CommitOutcome; retriable errors stay in here until the transaction's timeout.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "config/loader/daemon_config.h"
#include "daemon/io/memory_budget.h"
#include "daemon/io/ports.h"
#include "daemon/kafka/group_session.h"
#include "daemon/kafka/handles.h"
#include "daemon/kafka/transaction_error.h"

namespace proactive::daemon::kafka {

class KafkaSink : public Sink {
 public:
  // `beat` is called between blocking slices of at most 5 s.
  KafkaSink(config::KafkaConfig kafka, int lane, MemoryBudget budget, std::shared_ptr<GroupSession> session,
            std::function<Duration()> steady, std::function<void()> beat);
  ~KafkaSink() override;

  // Makes and initialises the producer if there is none; fences and ends what a predecessor left. One try of at most
  // 5 s: the error's outcome is `aborted` when it may be called again.
  Result<void, SinkError> open();

  Result<void, SinkError> write(PartitionId partition, const OutputRecord& record) override;
  Result<void, SinkError> deliver() override;
  [[nodiscard]] SinkRefusal refusal() const override { return refusal_.value_or(SinkRefusal{}); }
  CommitOutcome commit(std::span<const PartitionVersion> versions) override;
  Result<void, SinkError> abort() override;
  void poll() override;
  void close() override;

 private:
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  Result<void> make_producer();
  Result<void, SinkError> begin();
  rd_kafka_resp_err_t produce(PartitionId partition, const OutputRecord& record);
  ErrorHandle send_offsets(std::span<const PartitionVersion> versions);
  void deliver_all();
  void serve_reports();
  void note_refusal(std::size_t channel, PartitionId partition, std::size_t bytes, rd_kafka_resp_err_t code);
  template <class Call>
  ErrorHandle retried(const Call& call, Duration limit);
  CommitOutcome recover(const ErrorHandle& error, std::string_view what);
  CommitOutcome rebuild(rd_kafka_resp_err_t code, std::string_view why);
  void drop_producer();

  const config::KafkaConfig kafka_;
  const int lane_;
  const MemoryBudget budget_;
  const std::shared_ptr<GroupSession> session_;
  const std::function<Duration()> steady_;
  const std::function<void()> beat_;

  ClientHandle client_;
  std::array<TopicHandle, kChannels> topics_;  // die before the client
  bool ready_ = false;                         // init_transactions has succeeded
  bool open_ = false;                          // a transaction is open
  std::string delivery_error_;
  std::optional<SinkRefusal> refusal_;  // of the open transaction, or of the one before it
  FenceCount fences_;
};

}  // namespace proactive::daemon::kafka
