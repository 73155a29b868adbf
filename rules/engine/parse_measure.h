// One entry of a rule's `measures`: a function of signals over a window.
#pragma once

#include "config/loader/config_tree.h"
#include "config/loader/field_table.h"
#include "rules/engine/rule_draft.h"

namespace proactive::rules {

[[nodiscard]] MeasureDraft parse_measure(const config::TreeNode::Member& member, config::Findings& findings);

// The step of a window that names none: about a tenth of it in whole seconds, of which it is a multiple; 1h from a day up.
[[nodiscard]] Duration default_step(Duration over);

}  // namespace proactive::rules
