// A Lane feeds partitions to their Pipelines and commits outputs, state changes and input offsets in one transaction.
//
//   turn: inbox -> source.poll -> time is read -> records, assignment, revocation, end of partition
//         -> a slice of the restores -> ticks, once a second -> commit if due -> assign if wanted
//
// Owner and thread: one thread, which owns source, sink and pipelines. No locks but the inbox's and the status slot's.
// Clock: LaneClocks, once per turn. Memory: the pipelines' limits, one transaction (commit_max_*), WarmLimits.
// Failure: a transaction that does not commit is undone and its records are read again; a partition whose state and
// input do not fit is refused with a sentence while the others run; what the brokers refuse for good is replaced by a dead
// letter or stops its partition; a twin ends the lane. See kafka.md 2 to 8.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/io/lane_inbox.h"
#include "daemon/io/lane_metrics.h"
#include "daemon/io/lane_options.h"
#include "daemon/io/lane_partition.h"
#include "daemon/io/ports.h"
#include "daemon/io/restore_pace.h"
#include "daemon/io/warm_partitions.h"
#include "daemon/io/work_totals.h"
#include "daemon/pipeline/hints.h"

namespace proactive::daemon {

class Lane {
 public:
  // `inbox` and `metrics` outlive the lane.
  Lane(LaneOptions options, std::shared_ptr<const rules::RuleSet> rules,
       std::shared_ptr<const PipelineSetup> setup, std::unique_ptr<RecordSource> source,
       std::unique_ptr<Sink> sink, LaneClocks clocks, LaneInbox& inbox, LaneMetrics& metrics);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Turns until the lane ends; then source and sink are closed.
  LaneEnd run();
  // One turn; false once the lane has ended. Tests drive this.
  bool turn();
  [[nodiscard]] const LaneEnd& end() const { return end_; }

 private:
  // lane.cpp: events and records
  void handle(const Idle&) {}
  void handle(const Records& batch);
  void handle(const Assigned& assigned);
  void handle(const Revoked& revoked);
  void handle(const Lost& lost);
  void handle(const EndOfPartition& end);
  void handle(const InputMissing& missing);
  void handle(const Finished&);
  void handle(const SourceFailed& failed);
  void take(const InputRecord& record);
  [[nodiscard]] bool is_skipped(const InputRecord& record) const;
  void skip(LanePartition& at, const InputRecord& record);
  void judge(LanePartition& at, const InputRecord& record, bool bad);
  void take_orders();
  [[nodiscard]] Duration wait() const;
  void finish(LaneEndReason reason, std::string message);

  // lane_time.cpp: ticks, idle partitions, what is due
  void tick_partitions();
  bool run_timers(LanePartition& at);
  bool tick(LanePartition& at, Timestamp idle_watermark);
  [[nodiscard]] Timestamp idle_watermark(const LanePartition& at) const;
  [[nodiscard]] Timestamp now_of(const LanePartition& at) const;
  void wake_stopped(bool all);
  [[nodiscard]] std::optional<CommitTrigger> due() const;
  [[nodiscard]] std::optional<CommitTrigger> full(bool with_undo) const;

  // lane_commit.cpp: the transaction and its outcomes. False: it was undone, what the source handed over is void.
  bool emit(LanePartition& at);
  bool write(LanePartition& at, const OutputRecord& record);
  bool written(const OutputRecord& record, const Result<void, SinkError>& result);
  bool commit(CommitTrigger trigger);
  [[nodiscard]] CommitVersion next_version(LanePartition& at, bool all);
  void settle(CommitOutcome outcome, const std::vector<PartitionVersion>& tried, AbortCause cause,
              std::string_view why);
  void settle_committed(LanePartition& at, const CommitVersion& version);
  bool settle_unknown(const std::vector<PartitionVersion>& tried);
  void undo(LanePartition& at);
  void end_transaction();
  void back_off(std::string_view why,
                std::string_view what = "transaction undone, reading again from the committed offsets");
  bool use_rules(const LaneInbox::Rules& rules);

  // lane_culprit.cpp: which record leads to what the brokers refuse
  bool write_output(LanePartition& at, const OutputRecord& record);
  void blame_output(LanePartition& at, const OutputRecord& record);
  void widen();
  bool narrow(const SinkRefusal& refusal);
  void stop_next(const LanePartition& at, const std::string& place, const std::string& why, bool skippable);
  void stop_blamed();
  [[nodiscard]] std::string place_of_cause(PartitionId partition) const;

  // lane_restore.cpp: assignment to running
  [[nodiscard]] bool restore_waits() const;
  void restore_next();
  [[nodiscard]] static bool stalled(const LanePartition& at, Duration steady);
  void begin_restore(LanePartition& at);
  void restore_slice(LanePartition& at, Duration wait);
  void measure_restores();
  void finish_restore(LanePartition& at);
  void begin(LanePartition& at, const CrossCheckFacts& facts, const CrossCheck& check);
  void replay(LanePartition& at, const InputRecord& record);
  void end_replay(LanePartition& at);
  void start_reading(LanePartition& at);
  void retry_restore(LanePartition& at, const std::string& why);
  void refuse(LanePartition& at, Refusal refusal, std::string sentence);

  // lane_assign.cpp: what the source reads
  void end_bootstraps();
  void drop(const std::vector<PartitionId>& partitions);
  void restart(LanePartition& at);
  void assign_if_wanted();
  void want_assign(Duration after = Duration::zero());

  // lane_warm.cpp: state whose partition the group has taken, and may give back
  void hold_warm(LanePartition& at);
  void check_warm(LanePartition& at);
  [[nodiscard]] bool fits(const LanePartition& at, const CommitVersion& committed,
                          const std::array<StreamBounds, kStreamKinds>& bounds) const;
  void shed_warm();

  // lane_status.cpp
  void count_work(LanePartition& at);
  void publish(bool now);
  [[nodiscard]] PartitionStatus status_of(const LanePartition& at) const;

  [[nodiscard]] LanePartition* find(PartitionId partition);
  [[nodiscard]] bool ended() const { return end_.reason != LaneEndReason::none; }
  [[nodiscard]] bool touched() const;  // there is something to commit
  void beat();

  const LaneOptions options_;
  std::shared_ptr<const rules::RuleSet> rules_;
  std::shared_ptr<const PipelineSetup> setup_;
  std::unique_ptr<RecordSource> source_;
  std::unique_ptr<Sink> sink_;
  const LaneClocks clocks_;
  LaneInbox& inbox_;
  LaneMetrics& metrics_;

  std::vector<std::unique_ptr<LanePartition>> partitions_;  // few; in order of id
  bool joined_ = false;
  LaneEnd end_;
  std::string last_error_;

  Timestamp now_ = kNever;  // of this turn
  Duration steady_{};       // of this turn
  bool records_flow_ = false;
  Duration ticked_at_ = Duration::min();
  Duration telemetry_at_{};            // steady time of the newest telemetry record of the lane
  Duration assigned_at_{};             // steady time of the last assignment, by the group or to the source
  std::optional<Duration> assign_at_;  // the source must be assigned anew; until then its records are dropped
  std::uint64_t undone_ = 0;           // transactions undone: tells loops that their input is void

  // The open transaction.
  std::uint64_t transaction_records_ = 0;
  std::size_t transaction_bytes_ = 0;
  std::optional<Duration> outreach_since_;
  std::vector<Timestamp> causes_;                             // of its outreach records
  std::vector<std::pair<std::string, std::string>> letters_;  // stage and code of its dead letters
  Duration committed_at_{}, commit_took_{};
  int undone_in_row_ = 0;

  WarmPartitions warm_;
  RestorePace pace_;
  Duration paced_at_ = Duration::min();  // when the pace was told last; min: nothing restores
  std::optional<Duration> restore_eta_ = Duration::zero();  // nullopt: not known yet
  // The search for the record that leads to what the brokers refuse.
  struct Cause {
    PartitionId partition = -1;
    StreamKind stream = StreamKind::telemetry;
    std::int64_t offset = CommitVersion::kNone;  // kNone: time alone
  };
  struct Blamed {
    PartitionId partition;
    std::string reason;
  };
  Cause cause_;                   // of the outputs that are being written
  std::uint64_t piece_ = 0;       // a transaction has no more records; 0: none is sought
  int refused_in_row_ = 0;        // transactions
  bool found_ = false;            // which output the open one is refused for
  std::optional<Blamed> blamed_;  // stopped when no pipeline is at work any more

  HintsAhead hints_;
  PipelineOutput out_;
  OutputRecord change_;  // scratch of commit()
  WorkTotals totals_;
  Duration published_at_ = Duration::min();
};

}  // namespace proactive::daemon
