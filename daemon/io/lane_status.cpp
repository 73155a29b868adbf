// What a lane tells the outside: sums and a snapshot about once a second.
#include "daemon/io/lane.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPublishEvery = 1s;
constexpr Duration kSilentAfter = 60s;

}  // namespace

void Lane::count_work(LanePartition& at) {
  if (at.pipeline != nullptr) totals_.add(at.pipeline->counts(), at.counted);
}

PartitionStatus Lane::status_of(const LanePartition& at) const {
  PartitionStatus status;
  status.partition = at.id;
  status.state = at.state;
  status.reason = at.reason;
  status.next_offsets = at.expected;
  status.committed_offsets = at.stored.offsets;
  status.version = at.stored.v;
  status.restore_progress = at.restore_progress;
  if (at.replaying() && at.replay_until > at.replay_from) {
    status.replay_progress = static_cast<double>(at.expected[0] - at.replay_from) /
                             static_cast<double>(at.replay_until - at.replay_from);
  }
  status.lag.fill(-1);
  const auto ends = source_->ends(at.id);
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    const std::int64_t next = at.expected[stream];
    if (next != CommitVersion::kNone && ends[stream] >= 0)
      status.lag[stream] = std::max<std::int64_t>(0, ends[stream] - next);
  }
  if (at.pipeline != nullptr) {
    status.watermark = at.pipeline->watermark();
    status.state_bytes = at.pipeline->memory_bytes();
    status.undo_bytes = at.pipeline->undo_bytes();
  }
  return status;
}

void Lane::publish(bool at_once) {
  const Duration steady = clocks_.steady();
  if (!at_once && published_at_ != Duration::min() && steady - published_at_ < kPublishEvery) return;
  published_at_ = steady;

  auto status = std::make_shared<LaneStatus>();
  status->lane = options_.lane;
  status->joined = joined_;
  status->at = now_;
  status->rules_hash = rules_->hash;
  status->last_error = last_error_;
  status->restore_eta = restore_eta_;
  status->work = totals_.work();
  status->effects = totals_.effects();
  status->dead_letters = totals_.dead_letters();
  status->source_silent = !partitions_.empty() && steady - telemetry_at_ > kSilentAfter;
  std::uint64_t state_bytes = 0, undo_bytes = 0;
  for (const auto& at : partitions_) {
    status->partitions.push_back(status_of(*at));
    state_bytes += status->partitions.back().state_bytes;
    undo_bytes += status->partitions.back().undo_bytes;
    if (at->pipeline != nullptr) add_sizes(at->pipeline->counts(), status->work);
  }
  metrics_.state_bytes.set(state_bytes);
  metrics_.undo_bytes.set(undo_bytes);
  metrics_.warm_partitions.set(warm_.count());
  metrics_.warm_bytes.set(warm_.bytes());
  metrics_.publish(std::move(status));
}

}  // namespace proactive::daemon
