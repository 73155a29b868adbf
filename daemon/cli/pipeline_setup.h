// From the configuration to what rules and pipelines are made of.
#pragma once

#include <cstdint>
#include <memory>

#include "config/loader/daemon_config.h"
#include "config/loader/diagnostics.h"
#include "daemon/pipeline/pipeline.h"
#include "rules/engine/load_rules.h"

namespace proactive::daemon {

// The key of `demo`, and of `replay` without privacy.id_key_file. Ids made with it are nobody's secret.
inline constexpr const char* kDemoIdKey = "proactived-demo-key";

[[nodiscard]] rules::LoadOptions rule_options(const config::DaemonConfig& config);

// `state_bytes`: of one partition; 0 leaves the default.
[[nodiscard]] std::shared_ptr<PipelineSetup> pipeline_setup(const config::DaemonConfig& config,
                                                            std::int32_t partitions,
                                                            std::uint64_t state_bytes);

}  // namespace proactive::daemon
