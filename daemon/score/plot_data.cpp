#include "daemon/score/plot_data.h"

#include <algorithm>
#include <cmath>

namespace proactive::daemon {
namespace {

double smaller(double a, double b) { return std::fmin(a, b); }  // NaN only if both are
double larger(double a, double b) { return std::fmax(a, b); }

void join(PlotBucket& into, PlotBucket& other) {
  into.rows += other.rows;
  into.least = smaller(into.least, other.least);
  into.most = larger(into.most, other.most);
  into.low = smaller(into.low, other.low);
  into.high = larger(into.high, other.high);
  into.anomaly = into.anomaly || other.anomaly;
  if (other.score <= into.score && !std::isnan(into.value)) return;
  into.peak_ms = other.peak_ms;
  into.value = other.value;
  into.expected = other.expected;
  into.score = other.score;
  into.entity.swap(other.entity);
  into.note.swap(other.note);
}

}  // namespace

void PlotData::join_neighbours() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < buckets_.size(); i += 2, ++kept) {
    if (i + 1 < buckets_.size()) join(buckets_[i], buckets_[i + 1]);
    if (kept != i) buckets_[kept] = std::move(buckets_[i]);
  }
  buckets_.resize(kept);
  per_bucket_ *= 2;
}

void PlotData::follow_alarm(const PlotPoint& point, std::int64_t ms) {
  if (open_ && (!point.anomaly || open_->entity != point.entity)) end_alarm();
  if (!point.anomaly) return;
  if (!open_) {
    open_.emplace();
    open_->first_row = rows_;
    open_->first_ms = ms;
    open_->score = -1;
    open_->entity = point.entity;
  }
  open_->last_row = rows_;
  open_->last_ms = ms;
  if (point.score <= open_->score) return;
  open_->peak_row = rows_;
  open_->peak_ms = ms;
  open_->score = point.score;
  open_->value = point.value;
  open_->expected = point.expected;
  open_->note = point.note;
}

void PlotData::end_alarm() {
  if (!open_) return;
  ++alarm_count_;
  if (alarms_.size() < kMostAlarms) {
    alarms_.push_back(std::move(*open_));
  } else {
    const auto weakest = std::min_element(alarms_.begin(), alarms_.end(),
                                          [](const auto& a, const auto& b) { return a.score < b.score; });
    if (weakest->score < open_->score) *weakest = std::move(*open_);
  }
  open_.reset();
}

void PlotData::add(const PlotPoint& point) {
  ++rows_;
  std::int64_t ms = last_ms_ == std::numeric_limits<std::int64_t>::min() ? 0 : last_ms_;
  if (point.time)
    ms = std::chrono::duration_cast<std::chrono::milliseconds>(point.time->time_since_epoch()).count();
  timed_ = timed_ && point.time && ms >= last_ms_;
  last_ms_ = ms;
  follow_alarm(point, ms);

  PlotBucket bucket;
  bucket.row = rows_;
  bucket.rows = 1;
  bucket.ms = bucket.peak_ms = ms;
  bucket.least = bucket.most = bucket.value = point.value;
  bucket.expected = point.expected;
  bucket.low = point.low;
  bucket.high = point.high;
  bucket.score = point.score;
  bucket.anomaly = point.anomaly;
  bucket.entity = point.entity;
  bucket.note = point.note;
  if (!buckets_.empty() && buckets_.back().rows < per_bucket_) {
    join(buckets_.back(), bucket);
    return;
  }
  if (buckets_.size() == kMostBuckets) join_neighbours();
  buckets_.push_back(std::move(bucket));
}

void PlotData::close() {
  end_alarm();
  std::sort(alarms_.begin(), alarms_.end(),
            [](const auto& a, const auto& b) { return a.first_row < b.first_row; });
}

}  // namespace proactive::daemon
