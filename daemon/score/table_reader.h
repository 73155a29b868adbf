// TableReader gives the rows of a multivariate file: `timestamp`, perhaps a column that names the entity, and numbers.
//
// Owner: one command. Bound: one line and 64 columns. Clock: none. Failure: as RowReader; besides, a column whose first
// cell is text ends the reading with the way out.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/score/csv_reader.h"
#include "daemon/score/row_reader.h"
#include "models/base/result.h"

namespace proactive::daemon {

// Views live until the next row.
struct TableRow {
  std::uint64_t line = 0;
  std::string_view timestamp, entity;
  std::vector<double> values;  // NaN: missing, or infinite
  std::string problem;         // not empty: the row is malformed
};

class TableReader {
 public:
  // `entity_column`: empty for a file of one entity. `in` must outlive the reader.
  TableReader(std::istream& in, std::string entity_column)
      : lines_(in), entity_column_(std::move(entity_column)) {}

  // Reads the header. Call once, first.
  [[nodiscard]] Result<void, FileError> begin();
  // false: the end.
  [[nodiscard]] Result<bool, FileError> next(TableRow& row);
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }

 private:
  [[nodiscard]] Result<void, FileError> read_values(TableRow& row);

  CsvReader lines_;
  std::string entity_column_;
  std::vector<std::string> columns_;    // of numbers
  std::vector<std::size_t> positions_;  // of columns_ in a line
  std::size_t fields_ = 0, timestamp_ = 0, entity_ = 0;
  bool first_ = true;
};

}  // namespace proactive::daemon
