// `where` of a signal and `only_for` of a rule: field -> scalar or {op: value}, ANDed.
#pragma once

#include <optional>
#include <string>

#include "config/loader/config_tree.h"
#include "rules/engine/rule_draft.h"

namespace proactive::rules {

// The tests of one field: a scalar means `is`; a mapping may hold several, e.g. {at_least: 500, at_most: 599}.
[[nodiscard]] std::vector<PredicateDraft> parse_predicates(const std::string& field,
                                                           const config::Place& field_place,
                                                           const config::TreeNode& node,
                                                           config::Findings& findings);

}  // namespace proactive::rules
