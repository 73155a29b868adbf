// JSON Schema (draft-07) from field tables, for editors. The decoder decides: what it knows beyond a single key, as
// which settings contradict each other, is not in the schema.
#pragma once

#include <string>
#include <string_view>

#include "config/loader/field_table.h"

namespace proactive::config {

// `has_substitution`: values may be written as ${...} (configurations, not rules).
[[nodiscard]] std::string json_schema(const FieldTable& root, std::string_view title, bool has_substitution);

// Of the daemon's configuration.
[[nodiscard]] std::string config_json_schema();

}  // namespace proactive::config
