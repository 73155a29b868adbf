// One rule file of the tree to drafts: shape, keys and values (classes 2 and 3 of rules.md 9).
#pragma once

#include <string>
#include <vector>

#include "config/loader/config_tree.h"
#include "rules/engine/rule_draft.h"

namespace proactive::rules {

// `category` is the pack's area; `has_test` whether a test file stands beside the file.
[[nodiscard]] std::vector<RuleDraft> parse_rules(const config::TreeNode& root, const std::string& category,
                                                 bool has_test, config::Findings& findings);

}  // namespace proactive::rules
