// The field tables of the daemon's configuration: every key that proactived.yaml can have.
#pragma once

#include "config/loader/field_table.h"

namespace proactive::config {

[[nodiscard]] const FieldTable& config_table();  // the root

}  // namespace proactive::config
