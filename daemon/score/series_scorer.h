// SeriesScorer runs the daemon's models over the rows of one series: one row in, one verdict out, nothing ahead of it
// read.
//
// Rows are samples, there are no buckets; a row that is not later than the one before is scored as one step later.
// Owner: one command. Bound: the ensemble's state and 1 KiB. Clock: none, time is an argument. Allocation: only at the
// beginning. A value that is missing or infinite leaves the models as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/score/alarm.h"
#include "daemon/score/cadence.h"
#include "daemon/score/calendar.h"
#include "daemon/score/field_text.h"
#include "daemon/score/model_choice.h"
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/detect/ensemble.h"
#include "models/detect/onset.h"
#include "models/detect/own_noise.h"

namespace proactive::daemon {

struct RowVerdict {
  enum class Kind : std::uint8_t { scored, warmup, missing, rejected };
  Kind kind = Kind::rejected;
  Score score;           // meaningful if scored
  bool anomaly = false;  // the alarm is on
};

class SeriesScorer {
 public:
  SeriesScorer(ChosenModels chosen, Calendar calendar, Sensitivity sensitivity);

  [[nodiscard]] RowVerdict update(Timestamp time, const Value& value);
  // For a row that can't be read: the series goes on as if it were not there.
  [[nodiscard]] RowVerdict skip() const { return {RowVerdict::Kind::rejected, {}, alarm_.on}; }
  [[nodiscard]] std::uint64_t unordered_rows() const { return unordered_; }  // not later than the row before
  [[nodiscard]] const Calendar& calendar() const { return calendar_; }

  [[nodiscard]] std::string save() const;
  // An error leaves the scorer cold and says what is wrong: no such state, damage, other models.
  [[nodiscard]] Result<void> load(std::string_view bytes);

 private:
  [[nodiscard]] models::Context context_at(Timestamp time, bool later);  // than the row before
  [[nodiscard]] std::uint32_t params_hash() const;
  [[nodiscard]] bool acceptable(double x) const;
  void listen_to_one(Score& score, Duration elapsed);

  models::Ensemble ensemble_;
  models::EnsembleKind kind_;
  ModelId alone_;
  models::OwnNoise::State alone_noise_;  // how loud that one usually is
  models::Onset::State alone_onset_;
  std::vector<std::uint64_t> state_;  // 8-byte aligned
  Calendar calendar_;
  double theta_;
  Cadence cadence_;
  Alarm alarm_;
  Timestamp last_row_ = kNever, last_sample_ = kNever;
  std::uint64_t unordered_ = 0;
};

}  // namespace proactive::daemon
