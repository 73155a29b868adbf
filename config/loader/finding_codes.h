// Every finding code, with its sentence and the way out: the source of docs/errors.md. Findings::add()
// refuses codes that are not here. Numbers are stable: a code that is no longer raised stays as a comment,
// its number is not reused.
//
// Class: 1 YAML, 2 keys, 3 values, 4 references, 5 meaning, 6 cost, 7 safety. E is an error, W a warning.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace proactive::config {

struct FindingCode {
  std::string_view code;
  std::string_view sentence;  // what is wrong
  std::string_view remedy;    // what to do
};

[[nodiscard]] std::span<const FindingCode> finding_codes();
[[nodiscard]] bool is_finding_code(std::string_view code);

// docs/errors.md.
[[nodiscard]] std::string finding_codes_markdown();

}  // namespace proactive::config
