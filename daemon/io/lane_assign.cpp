// What the lane reads: the source is assigned what runs, and gives up what the group takes.
#include <algorithm>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAssignEvery = 2s;  // while restores go on: each assignment throws away what was fetched
constexpr std::size_t kTelemetry = static_cast<std::size_t>(StreamKind::telemetry);
constexpr std::size_t kProfiles = static_cast<std::size_t>(StreamKind::profiles);

}  // namespace

// Only what is committed counts: were it undone later, profiles would be read again beside the telemetry.
void Lane::end_bootstraps() {
  for (const auto& at : partitions_) {
    if (!at->bootstrap_read() || at->base.offsets[kProfiles] < at->bootstrap_until) continue;
    at->state = PartitionState::running;
    at->record_at = steady_;
    log(LogLevel::info, "lane", "profiles are read, partition runs",
        {{"lane", options_.lane}, {"partition", at->id}, {"profiles", at->expected[kProfiles]}});
    want_assign();
  }
}

// A partition's state is dropped and read again.
void Lane::restart(LanePartition& at) {
  if (at.pipeline != nullptr) count_work(at);
  hints_.forget();
  at.pipeline.reset();
  at.state = PartitionState::restoring;
  at.restore.reset();
  at.retry_at = Duration::min();
  at.restore_progress = 0;
}

// Gives partitions up; their state stays for a while.
void Lane::drop(const std::vector<PartitionId>& partitions) {
  const auto gone = [&](const std::unique_ptr<LanePartition>& at) {
    return at->state == PartitionState::incomplete ||
           std::find(partitions.begin(), partitions.end(), at->id) != partitions.end();
  };
  for (const auto& at : partitions_) {
    if (!gone(at) || at->pipeline == nullptr) continue;
    count_work(*at);
    hold_warm(*at);
  }
  hints_.forget();
  joined_ = false;  // until the next assignment: who has nothing to do may not call itself ready meanwhile
  partitions_.erase(std::remove_if(partitions_.begin(), partitions_.end(), gone), partitions_.end());
  ++undone_;  // what the source handed over for them is void
  if (const Result<void> released = source_->release(); !released) {
    finish(LaneEndReason::failed, released.error().message);
  }
  if (partitions_.empty()) {
    assign_at_.reset();
  } else {
    want_assign();
  }
  log(LogLevel::info, "lane", "partitions given up",
      {{"lane", options_.lane}, {"partitions", partitions.size()}});
  publish(true);
}

void Lane::want_assign(Duration after) {
  const Duration at = steady_ + after;
  assign_at_ = assign_at_.has_value() ? std::max(*assign_at_, at) : at;
}

void Lane::assign_if_wanted() {
  if (!assign_at_.has_value() || *assign_at_ > steady_) return;
  if (restore_waits() && steady_ - assigned_at_ < kAssignEvery) return;
  std::vector<PartitionStart> starts;
  for (const auto& at : partitions_) {
    if (!at->reads()) continue;
    PartitionStart start{at->id, at->expected};
    if (at->state == PartitionState::bootstrapping) start.offsets[kTelemetry] = CommitVersion::kNone;
    if (at->replaying()) start.offsets[kProfiles] = CommitVersion::kNone;
    starts.push_back(start);
    at->end_seen_at = Duration::min();
  }
  if (const Result<void> assigned = source_->assign(starts); !assigned) {
    last_error_ = assigned.error().message;
    log(LogLevel::warn, "lane", "cannot assign, trying again in a second",
        {{"lane", options_.lane}, {"cause", assigned.error().message}});
    assign_at_ = steady_ + 1s;
    return;
  }
  assigned_at_ = steady_;
  assign_at_.reset();
}

}  // namespace proactive::daemon
