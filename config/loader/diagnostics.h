// Findings: everything that is wrong with what people wrote, each with its place, code and way out, all at once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace proactive::config {

// 1-based; columns count code points. `length` code points are underlined.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;
};

enum class Level : std::uint8_t { error, warning };

struct Finding {
  std::string code;  // "E301", "W504": stable, explained in docs/errors.md
  Level level = Level::error;
  Place place;
  std::string message;     // what is wrong, in the reader's words
  std::string suggestion;  // what to write instead; may be empty
};

// Owner: one load. Collects findings and the texts they point into.
class Findings {
 public:
  void add_source(const std::string& file, std::string text);
  // The level follows from the code's first letter.
  void add(std::string_view code, Place place, std::string message, std::string suggestion = {});

  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] std::size_t errors() const;
  [[nodiscard]] std::size_t warnings() const;
  [[nodiscard]] const std::vector<Finding>& all() const { return findings_; }

  void sort();  // by file, line, column, code
  // "file:12:37: error[E301]: text - did you mean 'x'?", the source line, the underlined place.
  [[nodiscard]] std::string render_text() const;
  // The array of `findings` of `check --format json`.
  [[nodiscard]] std::string render_json() const;

 private:
  std::vector<Finding> findings_;
  std::map<std::string, std::vector<std::string>> sources_;  // file -> lines
};

// The nearest legal name by Damerau-Levenshtein distance <= max(1, min(2, length/3)); empty if none is near.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& legal);

}  // namespace proactive::config
