#include "daemon/score/table_reader.h"

#include <fmt/format.h>

#include <limits>

#include "daemon/score/field_text.h"
#include "daemon/score/header.h"
#include "models/detect/multi_fit.h"

namespace proactive::daemon {
namespace {

constexpr double kLargest = 1e30;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Result<void, FileError> TableReader::begin() {
  const Result<Header, FileError> header = read_header(lines_);
  if (!header) return tl::make_unexpected(header.error());
  const auto refuse = [&](std::string message) {
    return tl::make_unexpected(FileError{lines_.line_number(), std::move(message), false});
  };
  timestamp_ = header->timestamp;
  entity_ = timestamp_;
  if (!entity_column_.empty()) {
    const auto entity = header->find(entity_column_);
    if (!entity || *entity == timestamp_) {
      return refuse(
          fmt::format("there is no column '{}' for --entity among {}", entity_column_, header->list()));
    }
    entity_ = *entity;
    entity_column_ = header->names[entity_];
  }
  fields_ = header->names.size();
  for (std::size_t i = 0; i < fields_; ++i) {
    if (i == timestamp_ || i == entity_) continue;
    columns_.push_back(header->names[i]);
    positions_.push_back(i);
  }
  if (columns_.empty()) return refuse("there is no column to be scored beside 'timestamp'");
  if (columns_.size() > models::MultiFit::kMostColumns) {
    return refuse(
        fmt::format("{} columns to be scored; at most {} can be scored together: leave the others out",
                    columns_.size(), models::MultiFit::kMostColumns));
  }
  return {};
}

Result<void, FileError> TableReader::read_values(TableRow& row) {
  const auto fields = lines_.fields();
  row.values.assign(columns_.size(), kNone);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string_view text = fields[positions_[i]];
    const Value value = parse_value(text);
    if (value.kind == Value::Kind::number && value.number <= kLargest && value.number >= -kLargest) {
      row.values[i] = value.number;
    }
    if (value.kind != Value::Kind::malformed) continue;
    row.problem = fmt::format("column '{}' holds '{}', not a number", columns_[i], text.substr(0, 40));
    if (!first_) return {};
    return tl::make_unexpected(FileError{
        row.line,
        row.problem + (entity_column_.empty()
                           ? "; leave the column out, or name it with --entity if it says whose row it is"
                           : "; leave the column out, or code it as a number"),
        false});
  }
  first_ = false;
  return {};
}

Result<bool, FileError> TableReader::next(TableRow& row) {
  const CsvReader::Next next = lines_.next();
  if (next == CsvReader::Next::end) return false;
  if (next != CsvReader::Next::row) return tl::make_unexpected(file_error(next, lines_));
  row.line = lines_.line_number();
  row.problem.clear();
  row.values.assign(columns_.size(), kNone);
  const bool closed = lines_.split();
  const auto fields = lines_.fields();
  row.timestamp = !closed                      ? lines_.line()
                  : timestamp_ < fields.size() ? fields[timestamp_]
                                               : std::string_view{};
  row.entity =
      closed && entity_ != timestamp_ && entity_ < fields.size() ? fields[entity_] : std::string_view{};
  if (!closed) {
    row.problem = "a quote is not closed on its line, or text follows it";
  } else if (fields.size() != fields_) {
    row.problem = fmt::format("{} fields instead of {}", fields.size(), fields_);
  } else if (const auto read = read_values(row); !read) {
    return tl::make_unexpected(read.error());
  }
  return true;
}

}  // namespace proactive::daemon
