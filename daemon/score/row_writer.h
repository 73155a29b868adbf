// RowWriter writes the verdicts of `score`, one row for each row read.
//
//   timestamp,value,score,p_value,severity,anomaly,expected,low,high,model[,explanation]
//
// Numbers are the shortest text that reads back as the same number. Owner: one command. Bound: a buffer of 64 KiB.
// Failure: the stream's; its owner looks at the end.
#pragma once

#include <ostream>
#include <string>

#include "daemon/score/row_reader.h"
#include "daemon/score/series_scorer.h"

namespace proactive::daemon {

enum class ScoreColumn : std::uint8_t {
  onset,
  level
};  // at onsets and escalations only, or the ratio of every row

class RowWriter {
 public:
  struct Settings {
    RowFormat format = RowFormat::csv;
    ScoreColumn score = ScoreColumn::onset;
    bool explain = false;
  };
  // `out` must outlive the writer.
  RowWriter(std::ostream& out, Settings settings) : out_(&out), settings_(settings) {}

  void begin();  // the header of a CSV file
  void write(const Row& row, const RowVerdict& verdict);
  void flush();

 private:
  void write_csv(const Row& row, const RowVerdict& verdict);
  void write_json(const Row& row, const RowVerdict& verdict);
  [[nodiscard]] double shown(const RowVerdict& verdict) const;

  std::ostream* out_;
  Settings settings_;
  std::string buffer_;
};

// What --explain says of a row, one sentence.
[[nodiscard]] std::string explain(const RowVerdict& verdict);

}  // namespace proactive::daemon
