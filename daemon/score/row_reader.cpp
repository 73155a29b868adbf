#include "daemon/score/row_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "daemon/score/field_text.h"
#include "daemon/score/header.h"

namespace proactive::daemon {

struct RowReader::Json {
  simdjson::dom::parser checker;
  simdjson::ondemand::parser parser;
  simdjson::padded_string text;
  std::string strings[2];  // unescaped
  std::size_t used = 0;

  // The member `key` of the object in `text`: its token, and what it says.
  [[nodiscard]] bool take(const char* key, std::string_view& token, std::string_view& content);
};

bool RowReader::Json::take(const char* key, std::string_view& token, std::string_view& content) {
  namespace ondemand = simdjson::ondemand;
  ondemand::document document;
  ondemand::value value;
  ondemand::json_type type{};
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return false;
  if (document.find_field_unordered(key).get(value) != simdjson::SUCCESS) return false;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::array || type == ondemand::json_type::object) return false;
  token = content = trimmed(value.raw_json_token());
  if (type != ondemand::json_type::string) return true;
  std::string_view unescaped;
  if (value.get_string().get(unescaped) != simdjson::SUCCESS) return false;
  std::string& kept = strings[used++ % 2];  // the parser's own buffer is used again for the next member
  kept.assign(unescaped);
  content = kept;
  return true;
}

RowReader::RowReader(std::istream& in, RowFormat format) : lines_(in), format_(format) {
  if (format == RowFormat::ndjson) json_ = std::make_unique<Json>();
}
RowReader::~RowReader() = default;

FileError file_error(CsvReader::Next next, const CsvReader& lines) {
  if (next == CsvReader::Next::unreadable)
    return {lines.line_number(), "reading failed behind this line", true};
  return {lines.line_number(), fmt::format("the line is longer than {} bytes", CsvReader::kLongestLine),
          false};
}

Result<void, FileError> RowReader::begin() {
  if (format_ == RowFormat::ndjson) return {};
  const Result<Header, FileError> header = read_header(lines_);
  if (!header) return tl::make_unexpected(header.error());
  const auto value = header->find("value");
  if (!value) {
    return tl::make_unexpected(
        FileError{lines_.line_number(),
                  fmt::format("there is no column 'value' among {}; name the column to be scored `value`, or "
                              "give --multivariate to score all columns together",
                              header->list()),
                  false});
  }
  columns_ = header->names.size();
  timestamp_ = header->timestamp;
  value_ = *value;
  for (std::size_t i = 0; i < columns_; ++i) {
    if (i == timestamp_ || i == value_) continue;
    ignored_ += (ignored_.empty() ? "" : ", ") + header->names[i];
  }
  return {};
}

void RowReader::read_csv(Row& row) {
  const bool closed = lines_.split();
  const auto fields = lines_.fields();
  const auto field = [&](std::size_t i) { return i < fields.size() ? fields[i] : std::string_view{}; };
  row.timestamp = row.timestamp_echo = closed ? field(timestamp_) : lines_.line();
  row.value = row.value_echo = closed ? field(value_) : std::string_view{};
  if (!closed) {
    row.problem = "a quote is not closed on its line, or text follows it";
  } else if (fields.size() != columns_) {
    row.problem = fmt::format("{} fields instead of {} (a value is written 1234.5, without commas)",
                              fields.size(), columns_);
  }
}

void RowReader::read_json(Row& row) {
  Json& json = *json_;
  row.timestamp_echo = row.value_echo = "null";
  json.text = simdjson::padded_string(lines_.line());
  // The whole line is checked first, so that the tokens taken below are JSON wherever they are written.
  simdjson::dom::object checked;
  const simdjson::error_code error = json.checker.parse(json.text).get_object().get(checked);
  if (error != simdjson::SUCCESS) {
    row.problem = fmt::format("no JSON object on one line: {}", simdjson::error_message(error));
    return;
  }
  if (!json.take("timestamp", row.timestamp_echo, row.timestamp) ||
      !json.take("value", row.value_echo, row.value)) {
    row.problem = "no JSON object with the keys timestamp and value, each a number, a string or null";
  }
}

Result<bool, FileError> RowReader::next(Row& row) {
  const CsvReader::Next next = lines_.next();
  if (next == CsvReader::Next::end) return false;
  if (next != CsvReader::Next::row) return tl::make_unexpected(file_error(next, lines_));
  row.line = lines_.line_number();
  row.problem.clear();
  row.timestamp = row.value = {};
  if (format_ == RowFormat::csv) {
    read_csv(row);
  } else {
    read_json(row);
  }
  return true;
}

}  // namespace proactive::daemon
