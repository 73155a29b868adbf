// Scores a multivariate file from its first row to its last.
//
//   [entity,]timestamp,value,score,p_value,severity,anomaly,expected,low,high,model,contributors[,explanation]
//
// value: T2; expected: its degrees of freedom; high: T2 at p = 0.01; contributors: up to three "column:share" with ";".
#pragma once

#include <ostream>
#include <string>

#include "daemon/score/calendar.h"
#include "daemon/score/multi_scorer.h"
#include "daemon/score/plot_data.h"
#include "daemon/score/remarks.h"
#include "daemon/score/score_rows.h"
#include "daemon/score/table_reader.h"

namespace proactive::daemon {

class TableWriter {
 public:
  // `out` must outlive the writer. `entity_column`: empty for none.
  TableWriter(std::ostream& out, std::string entity_column, bool explain)
      : out_(&out), entity_column_(std::move(entity_column)), explain_(explain) {}

  void begin(const std::vector<std::string>& columns);
  void write(const TableRow& row, const MultiVerdict& verdict);
  void flush();
  // "pressure:0.84;speed:0.16"; empty if the row was not scored.
  [[nodiscard]] std::string contributors(const MultiVerdict& verdict) const;

 private:
  void write_explanation(const MultiVerdict& verdict);

  std::ostream* out_;
  std::string entity_column_;
  bool explain_;
  std::vector<std::string> columns_;
  std::string buffer_;
};

// What a page shall show of it. Timestamps are read for its axis alone.
struct TablePlot {
  PlotData data;
  Calendar calendar;
};

// REQUIRES: reader.begin() was called, and the scorer has its columns.
[[nodiscard]] Result<void, ScoreError> score_table(TableReader& reader, MultiScorer& scorer,
                                                   TableWriter& writer, Remarks& remarks, bool strict,
                                                   TablePlot* plot = nullptr);

}  // namespace proactive::daemon
