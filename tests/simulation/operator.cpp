// What operators do to brokers and lanes on purpose or by neglect, after which the lanes go on.
#include <algorithm>

#include "tests/simulation/schedule.h"

namespace proactive::simulation {

using namespace std::chrono_literals;
using namespace proactive::daemon;

// The changelog knows how far its state goes.
void Schedule::expire_offsets() {
  sim_.say("operator", "all lanes are stopped for so long that the group's offsets expire");
  const bool partly = sim_.random.one_in(3);
  sim_.events.add(partly ? Event::offsets_expired_partly : Event::offsets_expired);
  kill_all();
  for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition) {
    if (!partly || sim_.random.one_in(2)) log_.forget_offsets(partition);
  }
}

// The same in the middle of the input, when all transactions have ended one way or the other.
void Schedule::expire_offsets_midway() {
  sim_.events.add(Event::offsets_expired_midway);
  kill_all();
  sim_.steady += sim_.plan.transaction_timeout + 1s;
  while (!log_.quiet()) sim_.wait(1s);
  expire_offsets();
}

// Nobody needs what is behind the committed offsets, nor what a restore would begin with.
void Schedule::delete_old_input() {
  const auto partition =
      static_cast<PartitionId>(sim_.random.below(static_cast<std::uint64_t>(sim_.plan.partitions)));
  const std::optional<CommitVersion> version = log_.committed_version(partition);
  if (!version || version->v == 0) return;
  const std::int64_t needed = std::min(version->replay_from, version->offsets[0]);
  TopicLog& telemetry = log_.at(Topic::telemetry, partition);
  if (needed <= telemetry.low) return;
  oracle_->advance_telemetry(partition);
  telemetry.delete_before(needed);
  sim_.events.add(Event::retention);
  sim_.say("broker", "telemetry of partition {} begins at {} now", partition, needed);
}

// Sound telemetry that nobody has seen yet.
void Schedule::append_unread(PartitionId partition) {
  for (const Round& round : input_.rounds) {
    for (const InputLine& line : round.lines) {
      if (line.stream != StreamKind::telemetry || line.partition != partition) continue;
      std::vector<InputLine> lines(3, line);
      append_input(sim_, log_, lines, 0, lines.size());
      log_.init_producer(std::string(kUpstream));
      return;
    }
  }
  Entry entry;
  entry.body = std::make_shared<const Body>(Body{"nobody", "{}", {}});
  for (int i = 0; i < 3; ++i) log_.at(Topic::telemetry, partition).append(entry);
}

// All is committed. What happens to one partition is a refusal unless it is allowed, and it is. The next round goes on
// from there, in chaos.
void Schedule::allow_something() {
  const auto victim =
      static_cast<PartitionId>(sim_.random.below(static_cast<std::uint64_t>(sim_.plan.partitions)));
  TopicLog& telemetry = log_.at(Topic::telemetry, victim);
  const StoredOffsets* known = log_.committed(victim);
  if (known == nullptr) return;  // expired just now
  const StoredOffsets stored = *known;
  const std::uint64_t kind = sim_.plan.skip_lost_input && sim_.random.one_in(2) ? 3 : sim_.random.below(3);
  sim_.say("operator", "allows something for partition {}: {}", victim, kind);
  if (kind == 0) {
    kill_all();
    log_.at(Topic::changelog, victim) = {};
    oracle_->forget_state(victim);
    allowing_ = options_.checks.accept_empty_state = true;
    sim_.events.add(Event::accepted_empty_state);
  } else if (kind == 1) {
    kill_all();
    const std::int64_t back = sim_.random.between(telemetry.low, stored.offsets[0]);
    log_.set_offsets(victim, {{back, stored.offsets[1]}, ""});
    oracle_->move(victim, back);
    allowing_ = options_.checks.accept_offset_reset = true;
    sim_.events.add(Event::accepted_reset_back);
  } else if (kind == 2) {
    kill_all();
    append_unread(victim);
    log_.set_offsets(victim, {{telemetry.high, stored.offsets[1]}, ""});
    oracle_->move(victim, telemetry.high);
    allowing_ = options_.checks.accept_offset_reset = true;
    sim_.events.add(Event::accepted_reset_on);
  } else {
    make_changelogs_whole();
    const bool live = sim_.random.one_in(2);
    if (!live) kill_all();
    append_unread(victim);
    telemetry.delete_before(telemetry.high - 1);
    sim_.events.add(live ? Event::skipped_lost_input_live : Event::skipped_lost_input);
  }
}

// Such flags are for one start.
void Schedule::end_allowance() {
  allowing_ = options_.checks.accept_empty_state = options_.checks.accept_offset_reset = false;
  kill_all();
}

}  // namespace proactive::simulation
