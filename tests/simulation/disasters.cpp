// What no lane can put right: it must say so and leave everything as it is (kafka.md 6, the table).
#include <algorithm>

#include "tests/simulation/schedule.h"

namespace proactive::simulation {

using namespace proactive::daemon;

namespace {

struct Disaster {
  Event event;
  std::string_view sentence;  // what the refusal must say
  bool everywhere = false, live = false;
};
constexpr Disaster kDisasters[]{
    {Event::refused_changelog_lost, "holds no state for partition"},
    {Event::refused_offsets_differ, "do not belong together"},
    {Event::refused_input_lost, "were deleted before they were read"},
    {Event::refused_input_lost_live, "were deleted before they were read", false, true},
    {Event::refused_input_recreated, "the topic was recreated"},
    {Event::refused_input_recreated_live, "the topic was recreated", false, true},
    {Event::refused_state_unreadable, "proactived.changelog partition"},
    {Event::refused_foreign_group, "holds state of group 'proactived'", true},
    {Event::refused_partition_count, "keys have moved", true},
};

}  // namespace

void Schedule::end_in_refusal() {
  const std::size_t kind = sim_.random.below(std::size(kDisasters));
  const Disaster& disaster = kDisasters[kind];
  const bool lost =
      disaster.event == Event::refused_input_lost || disaster.event == Event::refused_input_lost_live;
  if (lost && sim_.plan.skip_lost_input) return;
  const bool recreated = disaster.event == Event::refused_input_recreated ||
                         disaster.event == Event::refused_input_recreated_live;
  if (lost || recreated) make_changelogs_whole();
  if (!disaster.live) kill_all();
  const auto victim =
      static_cast<PartitionId>(sim_.random.below(static_cast<std::uint64_t>(sim_.plan.partitions)));
  const StoredOffsets stored = *log_.committed(victim);
  // Without input, a topic that was made anew looks the same.
  if (recreated && stored.offsets[0] == 0) return;
  disaster_ = true;
  sim_.say("operator", "disaster at partition {}: {}", victim, to_string(disaster.event));

  std::vector<PartitionId> victims{victim};
  TopicLog& telemetry = log_.at(Topic::telemetry, victim);
  switch (disaster.event) {
    case Event::refused_changelog_lost:
      log_.at(Topic::changelog, victim) = {};
      break;
    case Event::refused_offsets_differ:  // as the command line tools set them: without metadata
      log_.set_offsets(victim, {{telemetry.low, stored.offsets[1]}, ""});
      break;
    case Event::refused_input_lost:
    case Event::refused_input_lost_live:
      append_unread(victim);
      telemetry.delete_before(telemetry.high - 1);
      break;
    case Event::refused_input_recreated:
    case Event::refused_input_recreated_live:
      telemetry = {};
      break;
    case Event::refused_state_unreadable: {
      Entry entry;
      entry.body = std::make_shared<const Body>(Body{"?", "?", {}});
      log_.at(Topic::changelog, victim).append(std::move(entry));
      break;
    }
    case Event::refused_foreign_group:
      options_.checks.group = "another";
      break;
    default:
      ++options_.checks.partition_count;
      break;
  }
  if (disaster.everywhere) {
    victims.clear();
    for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition)
      victims.push_back(partition);
  }
  run_until_refused(victims, disaster.sentence, disaster.live);
  sim_.events.add(disaster.event);
}

void Schedule::run_until_refused(const std::vector<PartitionId>& victims, std::string_view sentence,
                                 bool live) {
  std::map<PartitionId, std::pair<std::int64_t, std::string>> before;
  std::map<PartitionId, std::array<std::int64_t, kStreamKinds>> offsets;
  for (const PartitionId partition : victims) {
    if (live) offsets[partition] = log_.committed(partition)->offsets;
    before[partition] = {log_.at(Topic::changelog, partition).high, log_.committed(partition)->metadata};
  }
  const auto is_victim = [&](PartitionId partition) {
    return std::find(victims.begin(), victims.end(), partition) != victims.end();
  };
  constexpr int kSteps = 2000;
  std::size_t done = 0;
  for (int i = 0; i < kSteps && done < static_cast<std::size_t>(sim_.plan.partitions); ++i) {
    step();
    done = 0;
    for (const Process* process : living()) {
      for (const PartitionStatus& status : process->metrics.status()->partitions) {
        if (status.state == PartitionState::running && !is_victim(status.partition)) ++done;
        if (status.state != PartitionState::refused) continue;
        if (!is_victim(status.partition) || status.reason.find(sentence) == std::string::npos)
          throw Broken(fmt::format("partition {} was refused: {}", status.partition, status.reason));
        ++done;
      }
    }
  }
  if (done < static_cast<std::size_t>(sim_.plan.partitions))
    throw Broken("not every partition is refused or runs as it must");
  for (const PartitionId partition : victims) {
    const std::pair<std::int64_t, std::string> after{log_.at(Topic::changelog, partition).high,
                                                     log_.committed(partition)->metadata};
    // Who notices under way may write first what is still to be written, at the offsets of before.
    const bool same =
        live ? log_.committed(partition)->offsets == offsets[partition] : after == before[partition];
    if (!same) throw Broken(fmt::format("partition {} was refused and yet written to", partition));
  }
}

}  // namespace proactive::simulation
