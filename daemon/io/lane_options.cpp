#include "daemon/io/lane_options.h"

#include <chrono>

namespace proactive::daemon {

LaneOptions lane_options(const config::KafkaConfig& kafka, int lane, std::int32_t partition_count) {
  LaneOptions options;
  options.lane = lane;
  options.commit_interval = kafka.commit_interval;
  options.outreach_delay = kafka.outreach_delay;
  options.commit_max_records = kafka.commit_max_records;
  options.idle_after = kafka.telemetry.idle_after;
  options.bootstrap_profiles = !kafka.profiles.topic.empty() && kafka.profiles.bootstrap;
  options.partitioner = partitioner_from(kafka.partitioner).value_or(Partitioner::murmur2);
  options.poison_consecutive = kafka.dlq.max_consecutive;
  options.poison_ratio = kafka.dlq.max_ratio;
  options.stop_on_poison = kafka.dlq.stop_on_limit;
  options.checks.streams[static_cast<std::size_t>(StreamKind::telemetry)] = {true, kafka.telemetry.topic,
                                                                             kafka.telemetry.start};
  options.checks.streams[static_cast<std::size_t>(StreamKind::profiles)] = {
      !kafka.profiles.topic.empty(), kafka.profiles.topic, kafka.profiles.start};
  options.checks.group = kafka.group;
  options.checks.changelog_topic = kafka.outputs.changelog;
  options.checks.partition_count = partition_count;
  options.checks.skip_lost_input = kafka.skip_lost_input;
  return options;
}

LaneClocks system_clocks() {
  return {[] { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); },
          [] {
            return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
          }};
}

}  // namespace proactive::daemon
