// What no lane can put right: it must say so and leave everything as it is (kafka.md 6, the table).
#include <algorithm>

#include "tests/simulation/schedule.h"

namespace proactive::simulation {

using namespace proactive::daemon;

// Not one of them: the changelog knows how far its state goes.
void Schedule::expire_offsets() {
  sim_.say("operator", "all lanes are stopped for so long that the group's offsets expire");
  sim_.events.add(Event::offsets_expired);
  kill_all();
  log_.forget_offsets();
}

void Schedule::end_in_refusal() {
  kill_all();
  const auto victim =
      static_cast<PartitionId>(sim_.random.below(static_cast<std::uint64_t>(sim_.plan.partitions)));
  std::vector<PartitionId> victims{victim};
  TopicLog& telemetry = log_.at(Topic::telemetry, victim);
  std::string_view sentence;
  switch (sim_.random.below(6)) {
    case 0:
      log_.at(Topic::changelog, victim) = {};
      sentence = "holds no state for partition";
      break;
    case 1: {
      StoredOffsets offsets = *log_.committed(victim);
      offsets.offsets[0] = telemetry.low;
      offsets.metadata.clear();  // as the command line tools do
      log_.set_offsets(victim, offsets);
      sentence = "do not belong together";
      break;
    }
    case 2:
      for (int i = 0; i < 3; ++i) telemetry.append({});
      telemetry.delete_before(telemetry.high - 1);
      sentence = "were deleted before they were read";
      break;
    case 3:
      telemetry.append({});  // a partition without input looks the same when it is made anew
      log_.set_offsets(victim, *log_.committed(victim));
      sentence = "the topic was recreated";
      break;
    case 4:
      options_.checks.group = "another";
      sentence = "holds state of group 'proactived'";
      break;
    case 5:
      ++options_.checks.partition_count;
      sentence = "keys have moved";
      break;
  }
  if (sentence == "the topic was recreated") {
    telemetry = {};
    if (log_.committed(victim)->offsets[0] == 0) return;
  }
  if (options_.checks.group == "another" || options_.checks.partition_count != sim_.plan.partitions) {
    victims.clear();
    for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition)
      victims.push_back(partition);
  }
  disaster_ = true;
  sim_.say("operator", "disaster: partition {}, to be refused because {}", victim, sentence);
  run_until_refused(victims, sentence);
  sim_.events.add(Event::refusal);
}

void Schedule::run_until_refused(const std::vector<PartitionId>& victims, std::string_view sentence) {
  std::map<PartitionId, std::pair<std::int64_t, std::string>> before;
  for (const PartitionId partition : victims) {
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
        if (status.state == PartitionState::running && is_victim(status.partition))
          throw Broken(fmt::format("partition {} runs, though it must be refused", status.partition));
        if (status.state == PartitionState::running) ++done;
        if (status.state != PartitionState::refused) continue;
        if (!is_victim(status.partition) || status.reason.find(sentence) == std::string::npos)
          throw Broken(fmt::format("partition {} was refused: {}", status.partition, status.reason));
        ++done;
      }
    }
  }
  if (done < static_cast<std::size_t>(sim_.plan.partitions))
    throw Broken("no refusal, and no partition that runs");
  for (const PartitionId partition : victims) {
    const std::pair<std::int64_t, std::string> after{log_.at(Topic::changelog, partition).high,
                                                     log_.committed(partition)->metadata};
    if (after != before[partition])
      throw Broken(fmt::format("partition {} was refused and yet written to", partition));
  }
}

}  // namespace proactive::simulation
