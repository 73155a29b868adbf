#include "daemon/cli/pipeline_setup.h"

#include "daemon/cli/build_names.h"

namespace proactive::daemon {

rules::LoadOptions rule_options(const config::DaemonConfig& config) {
  rules::LoadOptions options;
  options.signal_files = config.rules.signals;
  options.pack_paths = config.rules.packs;
  options.time_zone = config.rules.time_zone;
  options.lateness = config.kafka.telemetry.lateness;
  return options;
}

std::shared_ptr<PipelineSetup> pipeline_setup(const config::DaemonConfig& config, std::int32_t partitions,
                                              std::uint64_t state_bytes) {
  auto setup = std::make_shared<PipelineSetup>();
  setup->limits.lateness = config.kafka.telemetry.lateness;
  setup->limits.checkpoint_age = config.kafka.checkpoint_age;
  if (state_bytes > 0) setup->limits.state_bytes = state_bytes;
  setup->decode.max_record_bytes = config.record_limit;
  setup->shape = config.kafka.telemetry.shape;
  setup->mapping = config.kafka.telemetry.mapping;
  setup->dead_letter_late = config.kafka.telemetry.dead_letter_late;
  setup->outreach = config.outreach;
  setup->key =
      std::make_shared<const IdentityKey>(config.id_key.empty() ? config::Secret(kDemoIdKey) : config.id_key);
  setup->group = config.kafka.group;
  setup->partition_count = partitions;
  setup->engine_version = build_names().version;
  setup->telemetry_topic = config.kafka.telemetry.topic;
  setup->profiles_topic = config.kafka.profiles.topic;
  return setup;
}

}  // namespace proactive::daemon
