// The first line of a CSV file: which column is which.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/score/csv_reader.h"
#include "models/base/result.h"

namespace proactive::daemon {

struct FileError;

struct Header {
  std::vector<std::string> names;  // as written, without blanks around them
  std::size_t timestamp = 0;

  // Names are compared without regard to case.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] std::string list() const;  // for messages: 'a', 'b'
};

// Reads the first line. Errors: an empty file, a header without `timestamp`, data in its place, another separator, a name
// twice.
[[nodiscard]] Result<Header, FileError> read_header(CsvReader& lines);

}  // namespace proactive::daemon
