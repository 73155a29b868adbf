#include "daemon/score/score_rows.h"

#include <fmt/format.h>

#include "daemon/score/model_choice.h"
#include "daemon/score/row_time.h"

namespace proactive::daemon {
namespace {

// What is wrong with the row, or nothing; then `time` and `value` are what it says.
std::string read_row(const Row& row, const Calendar& calendar, Timestamp& time, Value& value) {
  if (!row.problem.empty()) return row.problem;
  const Result<Timestamp> parsed = parse_row_time(row.timestamp, calendar);
  if (!parsed) return parsed.error().message;
  time = *parsed;
  value = parse_value(row.value);
  if (value.kind != Value::Kind::malformed) return {};
  return fmt::format(
      "'{}' is not a number (expected a form like 12, -0.5 or 1e-3; nothing or NaN where there is none)",
      row.value.substr(0, 40));
}

PlotPoint point_of(Timestamp time, const Value& value, const RowVerdict& verdict) {
  PlotPoint point;
  point.time = time;
  if (value.kind == Value::Kind::number) point.value = value.number;
  point.anomaly = verdict.anomaly;
  if (verdict.kind != RowVerdict::Kind::scored) return point;
  point.expected = double{verdict.score.expected};
  point.low = double{verdict.score.low};
  point.high = double{verdict.score.high};
  point.score = verdict.score.ratio;
  point.note = model_name(verdict.score.top);
  return point;
}

}  // namespace

tl::unexpected<ScoreError> end_with(Remarks& remarks, const FileError& error) {
  remarks.fatal(error.line, error.message);
  return tl::make_unexpected(ScoreError{error.io ? ScoreError::Kind::io : ScoreError::Kind::data});
}

Result<void, ScoreError> score_rows(RowReader& reader, SeriesScorer& scorer, RowWriter& writer,
                                    Remarks& remarks, bool strict, PlotData* plot) {
  if (const auto begun = reader.begin(); !begun) return end_with(remarks, begun.error());
  if (!reader.ignored_columns().empty()) remarks.fatal(1, "columns not read: " + reader.ignored_columns());
  writer.begin();
  Row row;
  for (;;) {
    const Result<bool, FileError> more = reader.next(row);
    if (!more) return end_with(remarks, more.error());
    if (!*more) break;
    Timestamp time;
    Value value;
    const std::string problem = read_row(row, scorer.calendar(), time, value);
    if (!problem.empty()) {
      if (strict) return end_with(remarks, {row.line, problem, false});
      remarks.say(row.line, "rejected: " + problem);
      writer.write(row, scorer.skip());
      continue;
    }
    const std::uint64_t unordered = scorer.unordered_rows();
    const RowVerdict verdict = scorer.update(time, value);
    if (strict && scorer.unordered_rows() > unordered) {
      return end_with(remarks, {row.line, "the timestamp is not later than the one before", false});
    }
    writer.write(row, verdict);
    if (plot != nullptr) plot->add(point_of(time, value, verdict));
  }
  if (plot != nullptr) plot->close();
  remarks.close();
  if (scorer.unordered_rows() > 0) {
    remarks.fatal(0,
                  fmt::format("{} rows are not later than the row before; each is scored as one step later",
                              scorer.unordered_rows()));
  }
  return {};
}

}  // namespace proactive::daemon
