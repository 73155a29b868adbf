// What this binary is: version, revision, compiler, librdkafka.
#pragma once

#include "daemon/http/metrics_collector.h"

namespace proactive::daemon {

[[nodiscard]] BuildNames build_names();

}  // namespace proactive::daemon
