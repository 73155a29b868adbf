// Any bytes as a file for `score`: one row out for each row in, valid CSV, or a refusal with a place; never a crash. The
// first byte chooses the form: univariate CSV, NDJSON, or a table with or without an entity column.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "daemon/score/score_rows.h"
#include "daemon/score/score_table.h"
#include "models/base/check.h"
#include "tests/support/strict_json.h"

namespace {

using namespace proactive;
using namespace proactive::daemon;

// Lines that are not blank, as the reader counts them.
std::size_t rows_in(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::size_t rows = 0;
  while (reader.next() == CsvReader::Next::row) ++rows;
  return rows;
}

void check_table(const std::string& out, std::size_t rows, std::size_t columns) {
  std::istringstream in(out);
  CsvReader reader(in);
  std::size_t seen = 0;
  for (; reader.next() == CsvReader::Next::row; ++seen) {
    PROACTIVE_CHECK(reader.split());
    PROACTIVE_CHECK(reader.fields().size() == columns);
  }
  PROACTIVE_CHECK(seen == rows);
}

// A carriage return or blanks alone in a field would be read back as something else: not counted here.
bool plain(const std::string& text) { return text.find('\r') == std::string::npos; }

void score_series(const std::string& text, RowFormat format) {
  std::istringstream in(text);
  std::ostringstream out, said;
  RowReader reader(in, format);
  SeriesScorer scorer(*ensemble_for({}), *Calendar::of("UTC"), Sensitivity::high);
  RowWriter writer(out, {format, ScoreColumn::level, true});
  Remarks remarks(said, "file");
  PlotData plot;
  const auto scored = score_rows(reader, scorer, writer, remarks, false, &plot);
  writer.flush();
  if (!scored) {
    PROACTIVE_CHECK(said.str().rfind("file:", 0) == 0);
    return;
  }
  const std::size_t rows = rows_in(text);
  if (format == RowFormat::csv) {
    if (plain(text)) check_table(out.str(), rows, 11);
    return;
  }
  std::istringstream lines(out.str());
  std::size_t seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) PROACTIVE_CHECK(test::is_json(line));
  PROACTIVE_CHECK(seen == rows);
}

void score_columns(const std::string& text, const std::string& entity) {
  std::istringstream in(text);
  std::ostringstream out, said;
  TableReader reader(in, entity);
  if (const auto begun = reader.begin(); !begun) {
    PROACTIVE_CHECK(!begun.error().message.empty());
    return;
  }
  MultiScorer scorer(reader.columns(), {4, Sensitivity::high});
  TableWriter writer(out, entity, true);
  Remarks remarks(said, "file");
  const auto scored = score_table(reader, scorer, writer, remarks, false);
  writer.flush();
  if (!scored || !plain(text)) return;
  check_table(out.str(), rows_in(text), entity.empty() ? 12 : 13);
  MultiScorer loaded(reader.columns(), {4, Sensitivity::high});
  PROACTIVE_CHECK(loaded.load(scorer.save()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      score_series(text, RowFormat::csv);
      break;
    case 1:
      score_series(text, RowFormat::ndjson);
      break;
    case 2:
      score_columns(text, "");
      break;
    default:
      score_columns(text, "unit");
  }
  return 0;
}
