// CsvReader cuts a stream into lines and fields.
//
//   record = field ("," field)* line-end        field = bare | '"' (any but '"' | '""')* '"'
//
// A line ends with LF or CRLF, the last one also with the end of the stream; lines of blanks alone are passed over; a
// byte order mark before the first is dropped. A quoted field ends on its own line: a stray quote then costs one row
// and not the rest of the file. Fields keep their blanks.
// Owner: one command. Bound: one line, at most kLongestLine bytes, and a buffer of 64 KiB. Clock: none. Failure: a
// longer line ends the reading with too_long; a stream that fails with unreadable.
#pragma once

#include <cstdint>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace proactive::daemon {

class CsvReader {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{1} << 20;

  enum class Next : std::uint8_t { row, end, too_long, unreadable };

  // `in` must outlive the reader.
  explicit CsvReader(std::istream& in) : in_(&in) {}

  // Views of line() and fields() live until the next call. After `row` alone there is a line.
  [[nodiscard]] Next next();
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::uint64_t line_number() const { return number_; }  // of line(), from 1
  // Cuts line() into fields, quotes taken off. false: a quote is not closed, or text follows one; such a line is one
  // field, as it stands.
  [[nodiscard]] bool split();
  [[nodiscard]] std::span<const std::string_view> fields() const { return fields_; }

 private:
  [[nodiscard]] bool fill();
  [[nodiscard]] Next next_line();
  [[nodiscard]] bool split_quoted();
  [[nodiscard]] std::size_t unquote(std::size_t at);

  std::istream* in_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what of buffer_ is not yet given out
  bool at_end_ = false;
  std::uint64_t number_ = 0;
  std::string_view line_;
  std::vector<std::string_view> fields_;
  std::string unquoted_;  // holds the fields that had doubled quotes
};

}  // namespace proactive::daemon
