#include "daemon/io/lane_options.h"

#include <charconv>
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

Result<RecordPlace> parse_record_place(std::string_view text) {
  const std::size_t second = text.rfind(':');
  const std::size_t first =
      second == std::string_view::npos || second == 0 ? second : text.rfind(':', second - 1);
  RecordPlace place;
  const auto number = [](std::string_view digits, auto& into) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size() && into >= 0;
  };
  if (first == std::string_view::npos || first == 0 || first == second ||
      !number(text.substr(first + 1, second - first - 1), place.partition) ||
      !number(text.substr(second + 1), place.offset)) {
    return failure(
        "'" + std::string(text) +
        "' is no place of a record: write TOPIC:PARTITION:OFFSET, such as telemetry.events:3:1042");
  }
  place.topic = text.substr(0, first);
  return place;
}

LaneClocks system_clocks() {
  return {[] { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); },
          [] {
            return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
          }};
}

}  // namespace proactive::daemon
