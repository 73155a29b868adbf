// State of partitions that the group has taken and may give back: an eager rebalance takes all of them each time.
#include "daemon/io/lane.h"
#include "daemon/io/log.h"

namespace proactive::daemon {

namespace {

constexpr std::size_t kTelemetry = static_cast<std::size_t>(StreamKind::telemetry);
constexpr std::size_t kProfiles = static_cast<std::size_t>(StreamKind::profiles);

}  // namespace

// Behind the last commit of the partition, or behind what undid it: what is held is the state of a commit that is
// known to stand. Of a partition whose restored version Kafka does not hold yet, none does.
void Lane::hold_warm(LanePartition& at) {
  if (at.pipeline == nullptr || at.replaying() || at.must_commit) return;
  if (at.wrote || at.pipeline->changed() || at.expected != at.base.offsets) return;
  warm_.hold({at.id, std::move(at.pipeline), at.stored, steady_});
}

void Lane::shed_warm() {
  if (warm_.empty()) return;
  std::size_t live = 0;
  for (const auto& at : partitions_) {
    if (at->pipeline != nullptr) live += at->pipeline->memory_bytes();
    if (at->restore != nullptr) live += at->restore->pipeline->memory_bytes();
  }
  warm_.shed(steady_, live);
}

// The partition has come back while its state is held. It goes on with it if nobody has committed anything since,
// which the committed version tells: each commit of a partition counts it up. The question waits for commits that are
// not decided, and who was its owner before can commit no more: the group refuses an older generation.
void Lane::check_warm(LanePartition& at) {
  const Result<CommitVersion> committed = source_->committed(at.id);
  beat();
  if (!committed) return retry_restore(at, committed.error().message);
  const auto bounds = source_->bounds(at.id);
  beat();
  if (!bounds) return retry_restore(at, bounds.error().message);

  WarmPartition held = warm_.take(at.id);
  if (!same_commit(held.version, *committed)) {
    const bool overtaken = committed->v > held.version.v;
    warm_.end(overtaken ? WarmEnd::overtaken : WarmEnd::unfit);
    log(LogLevel::info, "lane",
        overtaken ? "somebody else has committed the partition meanwhile: restoring it"
                  : "the committed offsets are not those of the held state: restoring it",
        {{"lane", options_.lane},
         {"partition", at.id},
         {"held", held.version.v},
         {"committed", committed->v}});
    return;  // with the next turns
  }
  if (!fits(at, *committed, *bounds)) return warm_.end(WarmEnd::unfit);  // the restore says why

  warm_.end(WarmEnd::reused);
  at.pipeline = std::move(held.pipeline);
  at.stored = at.base = held.version;
  at.expected = at.base.offsets;
  at.tick = at.base.tick;
  at.record_at = steady_;
  at.restore_attempts = 0;
  at.restore_progress = 1;
  at.reason.clear();
  at.counted = at.pipeline->counts();  // all of it was counted when the partition went
  at.effects = at.pipeline->effects();
  at.bootstrap_until = (*bounds)[kProfiles].high;
  start_reading(at);
}

// The input is still what the offsets speak of.
bool Lane::fits(const LanePartition& at, const CommitVersion& committed,
                const std::array<StreamBounds, kStreamKinds>& bounds) const {
  CrossCheckFacts facts;
  facts.partition = at.id;
  facts.committed = facts.meta = committed;
  facts.meta.replay_from = committed.offsets[kTelemetry];  // what is in memory needs no replay
  facts.meta_group = options_.checks.group;
  facts.meta_partitions = options_.checks.partition_count;
  facts.bounds = bounds;
  const CrossCheck check = cross_check(facts, options_.checks);
  return check.refusal == Refusal::none && !check.commit_now && check.gap == 0;
}

}  // namespace proactive::daemon
