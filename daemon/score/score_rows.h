// Scores a univariate file from its first row to its last.
#pragma once

#include "daemon/score/plot_data.h"
#include "daemon/score/remarks.h"
#include "daemon/score/row_reader.h"
#include "daemon/score/row_writer.h"
#include "daemon/score/series_scorer.h"

namespace proactive::daemon {

// Why a file was not scored to its end; what was written until then is right.
struct ScoreError {
  enum class Kind : std::uint8_t { data, io };
  Kind kind = Kind::data;
};

// Says in `remarks` why the file ends here.
[[nodiscard]] tl::unexpected<ScoreError> end_with(Remarks& remarks, const FileError& error);

// `plot`: gets each row, if there is one. `strict`: the first row that can't be read, or is not later than the one before, ends it. The reason is in the remarks.
[[nodiscard]] Result<void, ScoreError> score_rows(RowReader& reader, SeriesScorer& scorer, RowWriter& writer,
                                                  Remarks& remarks, bool strict, PlotData* plot = nullptr);

}  // namespace proactive::daemon
