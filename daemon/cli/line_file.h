// The lines of a text file, or of standard input when the name is "-". Empty lines are passed over.
#pragma once

#include <cstdint>
#include <fstream>
#include <istream>
#include <memory>
#include <string>

#include "models/base/result.h"

namespace proactive::daemon {

class LineFile {
 public:
  [[nodiscard]] static Result<LineFile> open(const std::string& name);

  // False at the end and when reading fails; the view lives until the next call.
  [[nodiscard]] bool next(std::string_view& line);
  [[nodiscard]] bool failed() const { return in_->bad(); }
  [[nodiscard]] std::uint64_t line_number() const { return number_; }  // of the newest line, from 1

 private:
  LineFile() = default;

  std::unique_ptr<std::ifstream> file_;  // null: standard input
  std::istream* in_ = nullptr;
  std::string line_;
  std::uint64_t number_ = 0;
};

}  // namespace proactive::daemon
