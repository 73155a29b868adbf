// PlotData keeps what a page can show of a scored file, however long the file is.
//
// Rows are put into buckets of equally many neighbours. When there would be more than kMostBuckets, neighbours are joined,
// so that a bucket holds 1, 2, 4, ... rows; its smallest and largest value and its oddest row survive. Of the alarms the
// 200 with the highest score are kept.
// Owner: one command. Bound: 4096 buckets and 200 alarms. Clock: none.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/time.h"

namespace proactive::daemon {

// Numbers that are not known are NaN.
struct PlotPoint {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  std::optional<Timestamp> time;
  std::string_view entity;
  double value = kNone, expected = kNone, low = kNone, high = kNone;
  double score = 0;
  bool anomaly = false;
  std::string_view note;  // the model that speaks, or the contributors
};

struct PlotBucket {
  std::uint64_t row = 0, rows = 0;  // the first row, from 1, and how many
  std::int64_t ms = 0;              // of the first row
  double least = PlotPoint::kNone, most = PlotPoint::kNone;
  double low = PlotPoint::kNone, high = PlotPoint::kNone;
  bool anomaly = false;
  // Of the oddest row:
  std::int64_t peak_ms = 0;
  double value = PlotPoint::kNone, expected = PlotPoint::kNone, score = 0;
  std::string entity, note;
};

struct PlotAlarm {
  std::uint64_t first_row = 0, last_row = 0;
  std::int64_t first_ms = 0, last_ms = 0;
  // Of the oddest row:
  std::uint64_t peak_row = 0;
  std::int64_t peak_ms = 0;
  double value = PlotPoint::kNone, expected = PlotPoint::kNone, score = 0;
  std::string entity, note;
};

class PlotData {
 public:
  static constexpr std::size_t kMostBuckets = 4096, kMostAlarms = 200;

  void add(const PlotPoint& point);
  void close();  // after the last row

  [[nodiscard]] const std::vector<PlotBucket>& buckets() const { return buckets_; }
  [[nodiscard]] const std::vector<PlotAlarm>& alarms() const { return alarms_; }  // by row
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t alarm_count() const { return alarm_count_; }
  // Every row had a time, none before its predecessor's: else the axis counts rows.
  [[nodiscard]] bool timed() const { return timed_ && rows_ > 0; }

 private:
  void join_neighbours();
  void follow_alarm(const PlotPoint& point, std::int64_t ms);
  void end_alarm();

  std::vector<PlotBucket> buckets_;
  std::vector<PlotAlarm> alarms_;
  std::optional<PlotAlarm> open_;
  std::uint64_t rows_ = 0, per_bucket_ = 1, alarm_count_ = 0;
  std::int64_t last_ms_ = std::numeric_limits<std::int64_t>::min();
  bool timed_ = true;
};

}  // namespace proactive::daemon
