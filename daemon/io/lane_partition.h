// One partition as its lane sees it: the Pipeline and the offsets around it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/codec/commit_version.h"
#include "daemon/io/cross_check.h"
#include "daemon/io/lane_metrics.h"
#include "daemon/io/output_letter.h"
#include "daemon/io/poison_limit.h"
#include "daemon/io/ports.h"
#include "daemon/pipeline/pipeline.h"

namespace proactive::daemon {

// A restore on its way.
struct LaneRestore {
  CrossCheckFacts facts;
  std::unique_ptr<ChangelogReader> reader;
  std::unique_ptr<Pipeline> pipeline;
  Duration progress_at{};
  std::int64_t paced = 0;  // up to here the pace knows of it
};

struct LanePartition {
  LanePartition(PartitionId partition, const PoisonLimit& limit) : id(partition), poison(limit) {}

  PartitionId id;
  PartitionState state = PartitionState::restoring;
  std::string reason;
  Duration retry_at = Duration::min();  // restoring, stopped: not before
  int restore_attempts = 0;
  double restore_progress = 0;
  std::unique_ptr<LaneRestore> restore;  // null: not begun
  Duration restore_begun{};

  std::unique_ptr<Pipeline> pipeline;  // null until restored
  CommitVersion stored;                // what Kafka holds
  CommitVersion
      base;  // what the pipeline's last commit stands for; a rollback ends here. Differs from `stored`
             // only between a restore and the commit that follows it.
  std::array<std::int64_t, kStreamKinds> expected{CommitVersion::kNone,
                                                  CommitVersion::kNone};  // next to process
  bool must_commit = false;                                               // `stored` is not `base`
  bool checkpoint_overdue = false;                                        // series have waited too long
  bool wrote = false;                                                     // outputs in the open transaction
  Timestamp tick = kNever;                                                // no tick is earlier than this

  std::int64_t bootstrap_until = 0;  // bootstrapping: profiles up to here come first
  Duration record_at{};              // steady time of the newest telemetry record, or of the start
  Duration end_seen_at =
      Duration::min();  // steady time when the source last said: telemetry is read to its end
  PoisonLimit poison;
  std::uint32_t placed = 0, misplaced = 0;  // of the first keys seen

  std::vector<RefusedOutput> refused_outputs;  // letters are written in their place; see lane_culprit.cpp

  PipelineCounts counted;  // what of pipeline->counts() is in the lane's sums already
  EffectCounts effects;    // likewise

  std::int64_t replay_from = 0,
               replay_until =
                   0;  // replaying: telemetry up to here is known, but for what the changelog lacks

  [[nodiscard]] bool replaying() const { return state == PartitionState::replaying; }
  [[nodiscard]] bool reads() const {
    return state == PartitionState::running || state == PartitionState::bootstrapping || replaying();
  }
  // The profiles that come first have been processed, though maybe not committed.
  [[nodiscard]] bool bootstrap_read() const {
    return state == PartitionState::bootstrapping &&
           expected[static_cast<std::size_t>(StreamKind::profiles)] >= bootstrap_until;
  }
  [[nodiscard]] bool touched() const {
    return pipeline != nullptr && !replaying() &&
           (must_commit || checkpoint_overdue || wrote || pipeline->changed() || expected != base.offsets);
  }
};

}  // namespace proactive::daemon
