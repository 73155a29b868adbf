// UTF-8 as findings need it: is it valid, and how many code points are there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace proactive::config {

// The byte offset of the first sequence that is not UTF-8 (overlong, surrogate, above U+10FFFF, cut off).
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// REQUIRES: valid UTF-8, else an approximation.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

// For terminals and JSON: invalid bytes and control characters (tab apart) become U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace proactive::config
