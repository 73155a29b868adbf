// RowReader gives the rows of a univariate file: `timestamp,value` as CSV, or NDJSON objects with these keys.
//
// Owner: one command. Bound: one line. Clock: none. Failure: begin() and next() answer with a sentence that names line and
// way out; a row that can't be read is given out with `problem`.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/score/csv_reader.h"
#include "models/base/result.h"

namespace proactive::daemon {

enum class RowFormat : std::uint8_t { csv, ndjson };

// Views live until the next row. `timestamp` and `value` are what is read; the echoes are what a row of output repeats:
// the same text (csv), or the JSON token as it stood (ndjson).
struct Row {
  std::uint64_t line = 0;
  std::string_view timestamp, value;
  std::string_view timestamp_echo, value_echo;
  std::string problem;  // not empty: the row is malformed
};

// A file that can't be scored: line 0 means the file as a whole. `io`: the stream failed.
struct FileError {
  std::uint64_t line = 0;
  std::string message;
  bool io = false;
};

class RowReader {
 public:
  // `in` must outlive the reader.
  RowReader(std::istream& in, RowFormat format);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // Reads the header. Call once, first.
  [[nodiscard]] Result<void, FileError> begin();
  // false: the end.
  [[nodiscard]] Result<bool, FileError> next(Row& row);
  // Names of columns that are not read, for a remark.
  [[nodiscard]] const std::string& ignored_columns() const { return ignored_; }

 private:
  struct Json;  // the parser of NDJSON

  void read_csv(Row& row);
  void read_json(Row& row);

  CsvReader lines_;
  RowFormat format_;
  std::size_t columns_ = 0, timestamp_ = 0, value_ = 0;
  std::string ignored_;
  std::unique_ptr<Json> json_;
};

// Why `next` is neither a row nor the end.
[[nodiscard]] FileError file_error(CsvReader::Next next, const CsvReader& lines);

}  // namespace proactive::daemon
