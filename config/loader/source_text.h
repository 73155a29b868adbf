// One file's text as the tree reader needs it: without byte order mark, with '\n' line ends, valid UTF-8, and
// with lines to turn byte offsets into places.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader/diagnostics.h"

namespace proactive::config {

class SourceText {
 public:
  // Checks size (E110), UTF-8 and control characters (E111), and tabs in the indentation (E102); registers
  // the text with the findings. nullopt when the text can't be parsed.
  [[nodiscard]] static std::optional<SourceText> read(const std::string& file, std::string_view text,
                                                      std::size_t max_bytes, Findings& findings);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view line(
      std::size_t index) const;  // 0-based, without '\n'; empty beyond the end
  [[nodiscard]] std::size_t offset(int line, int column) const;  // 0-based line and byte column; clamped
  [[nodiscard]] std::string_view rest_of_line(std::size_t offset) const;
  // The last of `any` before `offset`; 0 if there is none.
  [[nodiscard]] std::size_t find_last_of(const char* any, std::size_t offset) const;
  [[nodiscard]] Place place(std::size_t offset, std::size_t code_points) const;
  // From `start` to `end` or the end of its line, at least 1.
  [[nodiscard]] std::uint32_t code_points_on_line(std::size_t start, std::size_t end) const;

 private:
  SourceText(std::string file, std::string text);
  [[nodiscard]] bool check(Findings& findings) const;
  [[nodiscard]] std::size_t line_of(std::size_t offset) const;  // 0-based

  std::string file_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
  // Where the last place was: places come in order, and a file may be one line of a megabyte.
  mutable std::size_t last_offset_ = 0;
  mutable std::size_t last_column_ = 0;
};

}  // namespace proactive::config
