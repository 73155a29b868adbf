// Time without records: ticks, idle partitions, and when a commit is due.
#include <algorithm>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTickEvery = 1s;
constexpr Duration kEndIsFreshFor = 5s;

}  // namespace

// A partition never sees time run backwards, be it across a restart on another host.
Timestamp Lane::now_of(const LanePartition& at) const { return std::max(now_, at.tick); }

void Lane::tick_partitions() {
  if (assign_at_.has_value() || (ticked_at_ != Duration::min() && steady_ - ticked_at_ < kTickEvery)) return;
  ticked_at_ = steady_;
  const std::uint64_t undone = undone_;
  for (const auto& at : partitions_) {
    if (at->state != PartitionState::running) continue;
    cause_ = {at->id, StreamKind::telemetry, CommitVersion::kNone};
    if (!tick(*at, idle_watermark(*at)) || !run_timers(*at)) return;
    if (at->pipeline->checkpoint_overdue(now_of(*at))) at->checkpoint_overdue = true;
    if (undone_ != undone || ended()) return;
  }
}

// Runs what is due at the partition's watermark, with commits between when a transaction is full.
bool Lane::run_timers(LanePartition& at) {
  while (at.pipeline->due()) {
    if (!tick(at, kNever)) return false;
    if (const std::optional<CommitTrigger> trigger = full(true)) {
      if (!commit(*trigger)) return false;
    }
  }
  return true;
}

bool Lane::tick(LanePartition& at, Timestamp idle_watermark) {
  const Timestamp now = now_of(at);
  out_.clear();
  at.pipeline->tick(now, idle_watermark, out_);
  if (at.pipeline->changed() || !out_.records.empty()) at.tick = now;
  return emit(at);
}

// Event time that wall time vouches for: only when everything was read and the brokers are there, so silence is the
// customers' and not ours.
Timestamp Lane::idle_watermark(const LanePartition& at) const {
  if (!options_.idle_after.has_value()) return kNever;
  const bool at_end = at.end_seen_at != Duration::min() && at.end_seen_at >= at.record_at &&
                      steady_ - at.end_seen_at <= kEndIsFreshFor;
  if (!at_end || steady_ - at.record_at < *options_.idle_after) return kNever;
  return now_of(at) - setup_->limits.lateness - *options_.idle_after;
}

void Lane::wake_stopped(bool all) {
  for (const auto& at : partitions_) {
    if (at->state != PartitionState::stopped || (!all && at->retry_at > steady_)) continue;
    at->reason.clear();
    if (at->pipeline == nullptr) {  // given up with its state when the brokers refused what it led to
      restart(*at);
      continue;
    }
    at->state = PartitionState::running;
    at->poison = PoisonLimit(options_.poison_consecutive, options_.poison_ratio);
    log(LogLevel::info, "lane", "reading a stopped partition again",
        {{"lane", options_.lane}, {"partition", at->id}});
    want_assign();
  }
}

// The undo logs are summed only now and then: they grow by at most a few kilobytes per record.
std::optional<CommitTrigger> Lane::full(bool with_undo) const {
  if (transaction_records_ >= options_.commit_max_records || (piece_ > 0 && transaction_records_ >= piece_))
    return CommitTrigger::records;
  if (transaction_bytes_ >= options_.commit_max_bytes) return CommitTrigger::bytes;
  if (!with_undo) return std::nullopt;
  std::size_t undo = 0;
  for (const auto& at : partitions_) {
    if (at->pipeline != nullptr) undo += at->pipeline->undo_bytes();
  }
  if (undo >= setup_->limits.undo_bytes) return CommitTrigger::undo;
  return std::nullopt;
}

std::optional<CommitTrigger> Lane::due() const {
  if (assign_at_.has_value() && undone_in_row_ > 0) return std::nullopt;  // undone, and not yet begun again
  if (!touched()) return std::nullopt;
  for (const auto& at : partitions_) {
    if ((at->must_commit &&
         !restore_waits()) ||  // one commit for all that were restored, if nothing else is due
        (at->bootstrap_read() && at->touched()))
      return CommitTrigger::start;
  }
  if (const std::optional<CommitTrigger> trigger = full(true)) return trigger;
  const Duration since_commit = steady_ - committed_at_;
  if (since_commit >= options_.commit_interval) return CommitTrigger::interval;
  if (outreach_since_.has_value() && steady_ - *outreach_since_ >= options_.outreach_delay &&
      since_commit >= std::max(options_.outreach_spacing, commit_took_)) {
    return CommitTrigger::outreach;
  }
  return std::nullopt;
}

}  // namespace proactive::daemon
