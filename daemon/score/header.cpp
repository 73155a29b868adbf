#include "daemon/score/header.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/score/field_text.h"
#include "daemon/score/row_reader.h"

namespace proactive::daemon {
namespace {

constexpr std::size_t kNamesInMessage = 8;
constexpr std::size_t kMostColumns = 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string without_timestamp(const Header& header, std::string_view line) {
  if (header.names.size() == 1) {
    for (const char separator : {';', '\t', '|'}) {
      if (line.find(separator) == std::string_view::npos) continue;
      return fmt::format("the fields are separated by '{}'; write commas",
                         separator == '\t' ? "\\t" : std::string(1, separator));
    }
  }
  const bool data = std::any_of(header.names.begin(), header.names.end(), [](const std::string& name) {
    return parse_value(name).kind == Value::Kind::number;
  });
  if (data) return "this looks like data; the first line must be the header, as timestamp,value";
  return fmt::format("there is no column 'timestamp' among {}; name the column with the times `timestamp`",
                     header.list());
}

}  // namespace

std::optional<std::size_t> Header::find(std::string_view name) const {
  const std::string wanted = lower(name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (lower(names[i]) == wanted) return i;
  }
  return std::nullopt;
}

std::string Header::list() const {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == kNamesInMessage) return text + fmt::format(" and {} more", names.size() - i);
    text += fmt::format("{}'{}'", i == 0 ? "" : ", ", names[i].substr(0, 64));
  }
  return text;
}

Result<Header, FileError> read_header(CsvReader& lines) {
  const CsvReader::Next next = lines.next();
  if (next == CsvReader::Next::end) {
    return tl::make_unexpected(
        FileError{1, "the file is empty; the first line must be the header, as timestamp,value", false});
  }
  if (next != CsvReader::Next::row) return tl::make_unexpected(file_error(next, lines));
  const auto refuse = [&](std::string message) {
    return tl::make_unexpected(FileError{lines.line_number(), std::move(message), false});
  };
  if (!lines.split()) return refuse("a quote in the header is not closed on its line, or text follows it");
  if (lines.fields().size() > kMostColumns) {
    return refuse(fmt::format("{} columns; at most {} are read", lines.fields().size(), kMostColumns));
  }
  Header header;
  for (const std::string_view field : lines.fields()) header.names.emplace_back(trimmed(field));
  const auto timestamp = header.find("timestamp");
  if (!timestamp) return refuse(without_timestamp(header, lines.line()));
  for (std::size_t i = 0; i < header.names.size(); ++i) {
    if (header.find(header.names[i]) != i && !header.names[i].empty()) {
      return refuse(fmt::format("two columns are called '{}'", header.names[i].substr(0, 64)));
    }
  }
  header.timestamp = *timestamp;
  return header;
}

}  // namespace proactive::daemon
