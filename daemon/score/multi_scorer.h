// MultiScorer runs `multi` over the rows of a machine, or of a fleet whose entities share a cohort.
//
// The first rows of each entity are its baseline: they teach its mean and the cohort's covariance and tails, and are not
// judged. With `baseline_rows` given, nothing is learnt afterwards, so that slow change is not learnt either. Without, the
// first entity's baseline is max(32, 4 d) rows and a later one's 10, and learning goes on outside alarms with a memory of
// 1000 rows; an alarm that has lasted for 500 rows is taken for the new normal.
// The first baseline rows (at most 512) are kept until they have shown whether there are regimes.
// Owner: one command. Bound: 24 d + 60 bytes an entity, else constant. Clock: none.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/score/alarm.h"
#include "models/base/result.h"
#include "models/detect/multi.h"
#include "models/detect/regimes.h"

namespace proactive::daemon {

struct MultiVerdict {
  enum class Kind : std::uint8_t { scored, warmup, missing, rejected };
  Kind kind = Kind::rejected;
  models::MultiReading reading;  // meaningful if scored
  double ratio = 0;              // surprise in multiples of what 200 quiet rows reach
  float severity = 0;
  bool anomaly = false;
};

struct MultiSettings {
  std::optional<std::uint64_t> baseline_rows;
  Sensitivity sensitivity = Sensitivity::high;
};

class MultiScorer {
 public:
  MultiScorer(std::vector<std::string> columns, MultiSettings settings);

  // REQUIRES: as many values as columns; NaN where missing.
  [[nodiscard]] MultiVerdict update(std::string_view entity, std::span<const double> row);
  [[nodiscard]] MultiVerdict skip(std::string_view entity);  // for a row that can't be read
  [[nodiscard]] std::size_t regimes() const { return regimes_.count(); }
  [[nodiscard]] const models::MultiCohort& cohort() const { return cohort_; }

  // What all entities share, and the one entity of a file without --entity.
  [[nodiscard]] std::string save();
  // Entities not seen before are then judged from their first row on, unless `baseline_rows` is given.
  [[nodiscard]] Result<void> load(std::string_view bytes);

 private:
  struct Entity {
    models::MultiEntity state;
    Alarm alarm;
    std::uint64_t rows = 0;        // of its baseline so far
    std::uint32_t alarm_rows = 0;  // how long the alarm has been on
  };

  [[nodiscard]] Entity& entity(std::string_view name);
  [[nodiscard]] std::uint64_t baseline_of(const Entity& entity) const;
  void learn(Entity& entity, std::span<const double> row);
  void look_for_regimes();
  [[nodiscard]] MultiVerdict judge(Entity& entity, std::span<const double> row);

  std::vector<std::string> columns_;
  MultiSettings settings_;
  bool frozen_;
  bool looked_ = false;     // for regimes
  bool inherited_ = false;  // the cohort comes from a state
  models::MultiCohort cohort_;
  models::Regimes regimes_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<Entity> entities_;
  std::string last_name_;
  std::size_t last_ = SIZE_MAX;
  std::vector<double> kept_;          // baseline rows until regimes are looked for
  std::vector<std::size_t> kept_of_;  // whose
  std::vector<double> centered_;      // of the row at hand
};

}  // namespace proactive::daemon
