#include "daemon/score/score_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "daemon/score/field_text.h"
#include "daemon/score/row_time.h"
#include "models/base/math.h"

namespace proactive::daemon {
namespace {

constexpr std::size_t kFlushAt = std::size_t{64} << 10;

const char* spoken_by(MultiVerdict::Kind kind) {
  switch (kind) {
    case MultiVerdict::Kind::scored:
      return "multi";
    case MultiVerdict::Kind::warmup:
      return "warmup";
    case MultiVerdict::Kind::missing:
      return "missing";
    case MultiVerdict::Kind::rejected:
      return "rejected";
  }
  return "";
}

// Two channels had the chance to speak.
double p_of(const models::MultiReading& reading) {
  return std::min(1.0, 2 * math::exp(-reading.surprise * math::kLn10));
}

void add_to(TablePlot& plot, const TableRow& row, const MultiVerdict& verdict,
            const std::string& contributors) {
  PlotPoint point;
  if (const auto time = parse_row_time(row.timestamp, plot.calendar)) point.time = *time;
  point.entity = row.entity;
  point.anomaly = verdict.anomaly;
  point.note = contributors;
  point.score = verdict.ratio;
  if (verdict.kind == MultiVerdict::Kind::scored) {
    point.value = verdict.reading.t2;
    point.expected = verdict.reading.freedom;
    point.low = 0;
    point.high = verdict.reading.t2_high;
  }
  plot.data.add(point);
}

}  // namespace

void TableWriter::begin(const std::vector<std::string>& columns) {
  columns_ = columns;
  if (!entity_column_.empty()) {
    append_csv(entity_column_, buffer_);
    buffer_ += ',';
  }
  buffer_ += "timestamp,value,score,p_value,severity,anomaly,expected,low,high,model,contributors";
  if (explain_) buffer_ += ",explanation";
  buffer_ += '\n';
}

std::string TableWriter::contributors(const MultiVerdict& verdict) const {
  std::string names;
  if (verdict.kind != MultiVerdict::Kind::scored) return names;
  for (const auto& contributor : verdict.reading.contributors) {
    if (contributor.share <= 0) break;
    fmt::format_to(std::back_inserter(names), "{}{}:{:.2f}", names.empty() ? "" : ";",
                   columns_[contributor.column], contributor.share);
  }
  return names;
}

void TableWriter::write_explanation(const MultiVerdict& verdict) {
  buffer_ += ',';
  if (verdict.kind != MultiVerdict::Kind::scored) {
    buffer_ +=
        verdict.kind == MultiVerdict::Kind::warmup ? "baseline: learnt and not judged" : "nothing is learnt";
    return;
  }
  const models::MultiReading& reading = verdict.reading;
  const bool level = reading.top == models::MultiChannel::level;
  std::string text = fmt::format("{}; T2 {:.4g} where {:.4g} is usual and 1 % are above {:.4g}; mostly",
                                 level ? "levels have moved" : "columns move more, or no longer together",
                                 reading.t2, reading.freedom, reading.t2_high);
  for (const auto& contributor : reading.contributors) {
    if (contributor.share <= 0) break;
    fmt::format_to(std::back_inserter(text), " {} {:.0f} %", columns_[contributor.column],
                   100 * contributor.share);
  }
  append_csv(text, buffer_);
}

void TableWriter::write(const TableRow& row, const MultiVerdict& verdict) {
  const models::MultiReading& reading = verdict.reading;
  const bool scored = verdict.kind == MultiVerdict::Kind::scored;
  if (!entity_column_.empty()) {
    append_csv(row.entity, buffer_);
    buffer_ += ',';
  }
  append_csv(row.timestamp, buffer_);
  buffer_ += ',';
  if (scored) append_number(reading.t2, buffer_);
  buffer_ += ',';
  append_number(verdict.ratio, buffer_);
  buffer_ += ',';
  append_number(scored ? p_of(reading) : 1.0, buffer_);
  buffer_ += ',';
  append_number(verdict.severity, buffer_);
  buffer_ += verdict.anomaly ? ",true," : ",false,";
  if (scored) {
    append_number(reading.freedom, buffer_);
    buffer_ += ",0,";
    append_number(reading.t2_high, buffer_);
  } else {
    buffer_ += ",,";
  }
  buffer_ += ',';
  buffer_ += spoken_by(verdict.kind);
  buffer_ += ',';
  append_csv(contributors(verdict), buffer_);
  if (explain_) write_explanation(verdict);
  buffer_ += '\n';
  if (buffer_.size() >= kFlushAt) flush();
}

void TableWriter::flush() {
  out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

Result<void, ScoreError> score_table(TableReader& reader, MultiScorer& scorer, TableWriter& writer,
                                     Remarks& remarks, bool strict, TablePlot* plot) {
  writer.begin(reader.columns());
  TableRow row;
  for (;;) {
    const Result<bool, FileError> more = reader.next(row);
    if (!more) return end_with(remarks, more.error());
    if (!*more) break;
    if (row.problem.empty()) {
      const MultiVerdict verdict = scorer.update(row.entity, row.values);
      writer.write(row, verdict);
      if (plot != nullptr) add_to(*plot, row, verdict, writer.contributors(verdict));
      continue;
    }
    if (strict) return end_with(remarks, {row.line, row.problem, false});
    remarks.say(row.line, "rejected: " + row.problem);
    writer.write(row, scorer.skip(row.entity));
  }
  if (plot != nullptr) plot->data.close();
  remarks.close();
  if (row.line > 0 && scorer.cohort().fit.size() == 0) {
    remarks.fatal(0, "no row was judged: a baseline needs at least 8 rows and a column that varies in them");
  }
  return {};
}

}  // namespace proactive::daemon
