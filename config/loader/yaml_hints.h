// yaml-cpp's messages in the words of people who write rules, with the usual way out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace proactive::config {

struct YamlProblem {
  std::string code;  // E101, or E102 and E105 where yaml-cpp stumbles over what these name
  std::string message;
  std::string hint;
  bool is_unclosed = false;  // a bracket was opened and not closed
};

// `line` is the line of the error, `rest` its part from the error on.
[[nodiscard]] YamlProblem explain_yaml_error(std::string_view error, std::string_view line,
                                             std::string_view rest);

// The length in bytes of the quoted scalar at the start of `text`, quotes included, over as many lines as it takes;
// npos if the quote is not closed. yaml-cpp 0.7 takes the end of the file for the closing quote.
[[nodiscard]] std::size_t quoted_length(std::string_view text);

// Length of "~" or "null" at the start of `rest`; 0 if it is something else.
[[nodiscard]] std::size_t null_word_length(std::string_view rest);

}  // namespace proactive::config
