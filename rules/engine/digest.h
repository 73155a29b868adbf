// Identity by content: XXH3-64 over canonical text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/loader/config_tree.h"

namespace proactive::rules {

[[nodiscard]] std::uint64_t digest64(std::string_view text);
[[nodiscard]] std::string hex16(std::uint64_t digest);

// One text for all spellings of the same document: keys sorted, scalars quoted, no comments, no layout.
[[nodiscard]] std::string canonical_text(const config::TreeNode& node);

// Appends `"text"` with quotes and backslashes escaped, so that joined parts can't be confused.
void append_quoted(std::string& into, std::string_view text);

}  // namespace proactive::rules
