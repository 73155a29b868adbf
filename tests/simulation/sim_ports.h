// The ports of one process over the simulated brokers, with what Kafka's clients do around them: they join again, they
// make a fenced producer anew, they give up on their partitions when they are told to.
//
// Every port call begins and ends with a boundary, where the schedule may end the process, let it stand while the
// others go on, or let the call fail in the ways that ports.h allows.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/io/ports.h"
#include "tests/simulation/sim_group.h"
#include "tests/simulation/sim_log.h"

namespace proactive::simulation {

// What source and sink of one process share.
struct Session {
  Sim& sim;
  SimLog& log;
  SimGroup& group;
  std::string name;      // for the trace
  std::string instance;  // in the group
  std::string producer;  // transactional id
  std::function<void(std::string_view call)> boundary;

  std::uint64_t member = 0;               // 0: not joined
  std::optional<GroupMetadata> metadata;  // of the assignment; none: nothing is assigned
};

inline constexpr std::string_view kRefusalReason = "Broker: Message size too large";

// One fence may be a timeout; three within a minute are a twin that lives.
class Fences {
 public:
  bool add(Duration steady);

 private:
  std::deque<Duration> fences_;
};

class SimSource : public daemon::RecordSource {
 public:
  explicit SimSource(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  daemon::SourceEvent poll(Duration wait) override;
  Result<CommitVersion> committed(PartitionId partition) override;
  Result<std::array<daemon::StreamBounds, daemon::kStreamKinds>> bounds(PartitionId partition) override;
  [[nodiscard]] std::array<std::int64_t, daemon::kStreamKinds> ends(PartitionId partition) const override;
  Result<void> assign(std::span<const daemon::PartitionStart> starts) override;
  Result<void> release() override;
  Result<std::unique_ptr<daemon::ChangelogReader>> open_changelog(PartitionId partition) override;
  void close() override;

 private:
  struct Position {
    StreamKind stream;
    PartitionId partition;
    std::int64_t next = 0;
    Duration told = Duration::min();  // when its end was told
  };
  std::optional<daemon::SourceEvent> group_event();
  std::optional<daemon::SourceEvent> assigned();
  [[nodiscard]] bool not_heard_yet() const;
  std::optional<daemon::SourceEvent> records();
  std::optional<daemon::SourceEvent> end_of_partition();
  TopicLog& log_of(const Position& position) const;

  std::shared_ptr<Session> session_;
  std::vector<PartitionId> owned_;
  std::uint64_t told_generation_ = 0;
  Fences fences_;
  std::vector<Position> positions_;
  std::vector<Entry> kept_;  // what batch_ looks into
  std::vector<daemon::InputRecord> batch_;
};

class SimSink : public daemon::Sink {
 public:
  explicit SimSink(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  bool open();  // as a process does before it joins the group; false: no broker answers
  Result<void, daemon::SinkError> write(PartitionId partition, const daemon::OutputRecord& record) override;
  Result<void, daemon::SinkError> deliver() override;
  [[nodiscard]] daemon::SinkRefusal refusal() const override { return refused_.value(); }
  daemon::CommitOutcome commit(std::span<const daemon::PartitionVersion> versions) override;
  Result<void, daemon::SinkError> abort() override;
  void poll() override;
  void close() override;

 private:
  bool flush();  // false: fenced
  daemon::CommitOutcome send_offsets(std::span<const daemon::PartitionVersion> versions);
  daemon::CommitOutcome end_commit();
  daemon::CommitOutcome rebuild(bool fenced, std::string_view why);
  daemon::CommitOutcome aborted_or_worse();

  std::shared_ptr<Session> session_;
  std::optional<std::uint64_t> epoch_;  // none: no producer
  struct Queued {
    SimLog::Place place;
    Entry entry;
    std::optional<daemon::Channel> refused;  // as this channel's
  };
  std::vector<Queued> queue_;                   // produced, not sent
  std::optional<daemon::SinkRefusal> refused_;  // of the open transaction, or the one before
  bool open_ = false;
  Fences fences_;
};

}  // namespace proactive::simulation
