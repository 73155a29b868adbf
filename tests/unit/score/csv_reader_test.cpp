#include "daemon/score/csv_reader.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace proactive::daemon {
namespace {

using Fields = std::vector<std::string>;

// Each line's fields; a line that can't be cut is one field in angle brackets.
std::vector<Fields> rows_of(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<Fields> rows;
  while (reader.next() == CsvReader::Next::row) {
    if (reader.split()) {
      rows.emplace_back(reader.fields().begin(), reader.fields().end());
    } else {
      rows.push_back({"<" + std::string(reader.line()) + ">"});
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("lines and fields are cut as people write them") {
  // plain; a last line without an end; CRLF and a byte order mark
  CHECK(rows_of("a,b\n1,2\n") == std::vector<Fields>{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("a,b\n1,2") == std::vector<Fields>{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("\xEF\xBB\xBF"
                "a,b\r\n1,2\r\n") == std::vector<Fields>{{"a", "b"}, {"1", "2"}});
  // empty fields; lines of blanks are no rows
  CHECK(rows_of("a,,b\n,\n") == std::vector<Fields>{{"a", "", "b"}, {"", ""}});
  CHECK(rows_of("a\n\n  \r\nb\n\n") == std::vector<Fields>{{"a"}, {"b"}});
  // blanks are part of a field, but not around a quoted one
  CHECK(rows_of(" a , b\n") == std::vector<Fields>{{" a ", " b"}});
  CHECK(rows_of(R"( "a" , "b" )"
                "\n") == std::vector<Fields>{{"a", "b"}});
  // quotes: a comma inside, doubled, empty, beside bare fields
  CHECK(rows_of(R"("a,1",b,"c ""d""","")"
                "\n") == std::vector<Fields>{{"a,1", "b", "c \"d\"", ""}});
  // a quote in the midst of a bare field is a letter
  CHECK(rows_of("5\" pipe,1\n") == std::vector<Fields>{{"5\" pipe", "1"}});
}

TEST_CASE("a stray quote costs its own line only") {
  CHECK(rows_of("a,\"b\nc,d\n") == std::vector<Fields>{{"<a,\"b>"}, {"c", "d"}});
  CHECK(rows_of("\"a\"x,b\nc,d\n") == std::vector<Fields>{{"<\"a\"x,b>"}, {"c", "d"}});
}

TEST_CASE("lines longer than the buffer are read whole, up to the limit") {
  const std::string field(300'000, 'x');
  CHECK(rows_of(field + ",1\n" + field + ",2\n") == std::vector<Fields>{{field, "1"}, {field, "2"}});

  std::istringstream in("a\n" + std::string(CsvReader::kLongestLine + 1, 'x'));
  CsvReader reader(in);
  CHECK(reader.next() == CsvReader::Next::row);
  CHECK(reader.next() == CsvReader::Next::too_long);
  CHECK(reader.line_number() == 2);
}

TEST_CASE("line numbers count the lines that are passed over") {
  std::istringstream in("\n\na\n\nb\n");
  CsvReader reader(in);
  CHECK(reader.next() == CsvReader::Next::row);
  CHECK(reader.line_number() == 3);
  CHECK(reader.next() == CsvReader::Next::row);
  CHECK(reader.line_number() == 5);
  CHECK(reader.next() == CsvReader::Next::end);
}

}  // namespace proactive::daemon
