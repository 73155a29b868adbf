#include <algorithm>

#include "tests/simulation/sim_ports.h"

namespace proactive::simulation {
namespace {

using namespace std::chrono_literals;
using namespace proactive::daemon;

constexpr Duration kCallSlice = 200ms;
constexpr int kCallSlices = 25;
constexpr Duration kCall = kCallSlice * kCallSlices;  // a question gives up after 5 s
constexpr Duration kProbeEvery = 1s;

class SimChangelog : public ChangelogReader {
 public:
  SimChangelog(std::shared_ptr<Session> session, PartitionId partition)
      : session_(std::move(session)), log_(session_->log.at(Topic::changelog, partition)) {
    bounds_ = {log_.low, log_.high};
    if (session_->sim.mutant == Mutant::restore_to_stable) bounds_.high = log_.stable();
    position_ = bounds_.low;
  }

  Result<std::span<const ChangelogEntry>> poll(Duration wait) override {
    Sim& sim = session_->sim;
    session_->boundary("changelog.poll");
    entries_.clear();
    if (sim.down()) {
      sim.wait(wait);
      return std::span<const ChangelogEntry>();
    }
    if (sim.fails()) {
      sim.events.add(Event::changelog_failed);
      return failure("the changelog cannot be read");
    }
    const std::int64_t end = std::min(bounds_.high, log_.stable());
    if (position_ >= end) {
      sim.events.add(Event::waited_for_changelog);
      sim.say(session_->name, "waits for the changelog's last stable offset, {} of {}", position_,
              bounds_.high);
      sim.wait(wait);
    }
    kept_ = log_.read(position_, std::min(bounds_.high, log_.stable()),
                      static_cast<std::size_t>(sim.random.between(1, 400)));
    for (const Entry& entry : kept_) entries_.push_back({entry.body->key, entry.body->value, entry.offset});
    return std::span<const ChangelogEntry>(entries_);
  }
  [[nodiscard]] StreamBounds bounds() const override { return bounds_; }
  [[nodiscard]] std::int64_t position() const override { return position_; }

 private:
  std::shared_ptr<Session> session_;
  const TopicLog& log_;
  StreamBounds bounds_;
  std::int64_t position_ = 0;
  std::vector<Entry> kept_;
  std::vector<ChangelogEntry> entries_;
};

}  // namespace

bool Fences::add(Duration steady) {
  while (!fences_.empty() && steady - fences_.front() > 60s) fences_.pop_front();
  fences_.push_back(steady);
  return fences_.size() >= 3;
}

// ---- events ---------------------------------------------------------------------------------------------------------------

SourceEvent SimSource::poll(Duration wait) {
  session_->boundary("poll");
  std::optional<SourceEvent> event;
  if (!session_->sim.down()) {
    event = group_event();
    if (!event) event = records();
    if (!event) event = end_of_partition();
  } else if (session_->sim.random.one_in(4)) {
    event = records();  // fetched before
  }
  if (!event) {
    session_->sim.wait(wait);
    event = Idle{};
  }
  session_->boundary("poll returns");
  return std::move(*event);
}

std::optional<SourceEvent> SimSource::group_event() {
  Session& at = *session_;
  if (at.member == 0) {
    at.member = at.group.join(at.instance);
    told_generation_ = 0;
  }
  switch (at.group.standing(at.instance, at.member)) {
    case SimGroup::Standing::fenced:
      if (not_heard_yet()) return std::nullopt;
      at.sim.events.add(Event::member_fenced);
      at.sim.say(at.name, "is fenced as a member");
      if (fences_.add(at.sim.steady)) return SourceFailed{"another process is member of our name", true};
      at.metadata.reset();
      at.member = 0;
      [[fallthrough]];
    case SimGroup::Standing::unknown:
      if (at.member != 0 && not_heard_yet()) return std::nullopt;
      at.member = 0;  // joins anew with the next poll
      if (owned_.empty()) return std::nullopt;
      at.sim.events.add(Event::lost);
      at.sim.say(at.name, "has lost its partitions");
      return Lost{owned_};
    case SimGroup::Standing::must_rejoin:
      if (owned_.empty()) {
        at.group.rejoin(at.instance, at.member);
        return std::nullopt;
      }
      if (at.sim.random.one_in(3)) return std::nullopt;
      at.sim.events.add(Event::revoked);
      at.sim.say(at.name, "is to give its partitions up");
      return Revoked{owned_};
    case SimGroup::Standing::waiting:
      return std::nullopt;
    case SimGroup::Standing::assigned:
      return assigned();
  }
  return std::nullopt;
}

std::optional<SourceEvent> SimSource::assigned() {
  Session& at = *session_;
  if (told_generation_ == at.group.generation()) return std::nullopt;
  if (at.sim.chaos && at.sim.random.one_in(3)) return std::nullopt;  // the answer is on its way
  if (told_generation_ != 0 && at.group.generation() - told_generation_ > 1)
    at.sim.events.add(Event::generation_missed);
  told_generation_ = at.group.generation();
  at.metadata = GroupMetadata{at.instance, at.member, told_generation_};
  Assigned assigned{at.group.assigned(at.instance), at.group.incomplete(at.instance)};
  if (at.sim.mutant == Mutant::incomplete_runs) {
    assigned.partitions.insert(assigned.partitions.end(), assigned.incomplete.begin(),
                               assigned.incomplete.end());
    assigned.incomplete.clear();
  }
  at.sim.events.add(Event::incomplete, assigned.incomplete.size());
  owned_ = assigned.partitions;
  owned_.insert(owned_.end(), assigned.incomplete.begin(), assigned.incomplete.end());
  at.sim.say(at.name, "is assigned {} partitions in generation {}", owned_.size(), told_generation_);
  return assigned;
}

// That it is out a member hears with its next heartbeat: until then it reads on.
bool SimSource::not_heard_yet() const {
  return session_->sim.chaos && !owned_.empty() && session_->sim.random.one_in(2);
}

TopicLog& SimSource::log_of(const Position& position) const {
  return session_->log.at(topic_of(position.stream), position.partition);
}

std::optional<SourceEvent> SimSource::records() {
  kept_.clear();
  batch_.clear();
  std::vector<Position*> from;
  for (Position& position : positions_) {
    const TopicLog& log = log_of(position);
    if (position.next < log.low || position.next > log.high) {
      return InputMissing{position.partition, "the offset is no longer in the log"};
    }
    if (position.next < log.stable()) from.push_back(&position);
  }
  Sim& sim = session_->sim;
  auto most = static_cast<std::size_t>(sim.random.between(1, sim.plan.batch));
  while (!from.empty() && most > 0) {
    const std::size_t pick = sim.random.below(from.size());
    Position& position = *from[pick];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(pick));
    const TopicLog& log = log_of(position);
    for (Entry& entry : log.read(position.next, log.stable(), most)) {
      --most;
      kept_.push_back(std::move(entry));
      InputRecord record;
      record.stream = position.stream;
      record.partition = position.partition;
      batch_.push_back(record);
    }
    position.told = Duration::min();
  }
  if (batch_.empty()) return std::nullopt;
  if (session_->metadata && !session_->group.accepts(*session_->metadata))
    sim.events.add(Event::records_of_old_generation);
  for (std::size_t i = 0; i < batch_.size(); ++i) {  // views, now that the entries stay where they are
    batch_[i].offset = kept_[i].offset;
    batch_[i].appended_at = kept_[i].at;
    batch_[i].key = kept_[i].body->key;
    batch_[i].value = kept_[i].body->value;
    batch_[i].tombstone = kept_[i].tombstone;
  }
  return Records{batch_};
}

// Told when it is reached and again each second, as the probe of the ends does.
std::optional<SourceEvent> SimSource::end_of_partition() {
  for (Position& position : positions_) {
    const std::int64_t end = log_of(position).stable();
    if (position.next < end) continue;
    if (position.told != Duration::min() && session_->sim.steady - position.told < kProbeEvery) continue;
    position.told = session_->sim.steady;
    return EndOfPartition{position.stream, position.partition, end};
  }
  return std::nullopt;
}

// ---- questions -------------------------------------------------------------------------------------------------------------

Result<CommitVersion> SimSource::committed(PartitionId partition) {
  Session& at = *session_;
  at.boundary("committed");
  if (!at.sim.reach(kCall) || at.sim.fails()) {
    at.sim.events.add(Event::committed_failed);
    return failure("the coordinator does not answer");
  }
  const bool waits = at.sim.mutant != Mutant::unstable_offsets;
  for (int slice = 0; waits && at.log.offsets_pending(partition); ++slice) {
    if (slice == 0) at.sim.events.add(Event::waited_for_offsets);
    if (slice == 0) at.sim.say(at.name, "waits for the offsets of partition {}", partition);
    if (slice == kCallSlices) return failure("a commit is pending");
    at.sim.wait(kCallSlice);
  }
  const auto version = at.log.committed_version(partition);
  at.boundary("committed returns");
  return version.value_or(CommitVersion{});
}

Result<std::array<StreamBounds, kStreamKinds>> SimSource::bounds(PartitionId partition) {
  session_->boundary("bounds");
  if (!session_->sim.reach(kCall) || session_->sim.fails()) {
    session_->sim.events.add(Event::bounds_failed);
    return failure("the leader does not answer");
  }
  std::array<StreamBounds, kStreamKinds> all{};
  for (const StreamKind stream : {StreamKind::telemetry, StreamKind::profiles}) {
    const TopicLog& log = session_->log.at(topic_of(stream), partition);
    all[static_cast<std::size_t>(stream)] = {log.low, log.high};
  }
  return all;
}

std::array<std::int64_t, kStreamKinds> SimSource::ends(PartitionId partition) const {
  std::array<std::int64_t, kStreamKinds> all{-1, -1};
  for (const Position& position : positions_) {
    if (position.partition == partition)
      all[static_cast<std::size_t>(position.stream)] = log_of(position).stable();
  }
  return all;
}

Result<std::unique_ptr<ChangelogReader>> SimSource::open_changelog(PartitionId partition) {
  session_->boundary("open_changelog");
  if (!session_->sim.reach(kCall) || session_->sim.fails()) {
    session_->sim.events.add(Event::changelog_failed);
    return failure("the changelog's leader is away");
  }
  session_->sim.say(session_->name, "restores partition {}", partition);
  return std::unique_ptr<ChangelogReader>(std::make_unique<SimChangelog>(session_, partition));
}

// ---- assignment ------------------------------------------------------------------------------------------------------------

Result<void> SimSource::assign(std::span<const PartitionStart> starts) {
  session_->boundary("assign");
  if (session_->sim.fails()) {
    session_->sim.events.add(Event::assign_failed);
    return failure("cannot assign");
  }
  positions_.clear();
  for (const PartitionStart& start : starts) {
    for (const StreamKind stream : {StreamKind::telemetry, StreamKind::profiles}) {
      const std::int64_t offset = start.offsets[static_cast<std::size_t>(stream)];
      if (offset != CommitVersion::kNone) positions_.push_back({stream, start.partition, offset});
    }
    session_->sim.say(session_->name, "reads partition {} from {}, {}", start.partition, start.offsets[0],
                      start.offsets[1]);
  }
  return {};
}

Result<void> SimSource::release() {
  session_->boundary("release");
  session_->metadata.reset();
  owned_.clear();
  positions_.clear();
  if (session_->sim.chaos && session_->sim.random.one_in(session_->sim.plan.fail)) {
    session_->sim.events.add(Event::release_failed);
    return failure("cannot give the partitions up");
  }
  if (session_->member != 0) session_->group.rejoin(session_->instance, session_->member);
  return {};
}

void SimSource::close() {  // a static member says no word when it leaves
  positions_.clear();
  session_->metadata.reset();
}

}  // namespace proactive::simulation
