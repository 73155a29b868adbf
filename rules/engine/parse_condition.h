// The `when` of a rule: leaves chosen by their bold key, in `all` / `any` at most two levels deep.
#pragma once

#include "config/loader/config_tree.h"
#include "config/loader/field_table.h"
#include "rules/engine/rule_draft.h"

namespace proactive::rules {

[[nodiscard]] ConditionDraft parse_condition(const config::TreeNode& node, config::Findings& findings);

// " - did you mean ...?" of findings, without the dash; empty if nothing is near.
[[nodiscard]] std::string nearest_of(std::string_view wrong, const std::vector<std::string_view>& legal);

}  // namespace proactive::rules
