// What a simple monitoring system would do. All are causal, score |deviation| in standard deviations, and may choose their
// window, threshold and quiet time on the tuning split.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>

#include "tests/bench/quality/detector.h"

namespace proactive::quality {
namespace {

constexpr double kLeastScale = 1e-3;  // of the level: a scale of 0 would make every change infinite

double in_scales(double off, double scale, double level) {
  return std::fabs(off) / std::max({scale, kLeastScale * std::fabs(level), 1e-9});
}

// Mean and standard deviation of the first 15 %.
Trace static_sigma(const Series& series) {
  double mean = 0, square = 0;
  const auto n = static_cast<double>(series.probation);
  for (std::size_t i = 0; i < series.probation; ++i) mean += series.x[i] / n;
  for (std::size_t i = 0; i < series.probation; ++i) {
    square += (series.x[i] - mean) * (series.x[i] - mean) / n;
  }
  Trace trace(series.x.size());
  for (std::size_t i = series.probation; i < series.x.size(); ++i) {
    trace[i] = static_cast<float>(in_scales(series.x[i] - mean, std::sqrt(square), mean));
  }
  return trace;
}

// The value against an exponentially weighted mean and standard deviation.
Trace moving_sigma(const Series& series, double span) {
  const double gain = 2 / (span + 1);
  double mean = series.x[0], variance = 0;
  Trace trace(series.x.size());
  for (std::size_t i = 1; i < series.x.size(); ++i) {
    const double off = series.x[i] - mean;
    trace[i] = static_cast<float>(in_scales(off, std::sqrt(variance), mean));
    const double share = std::max(gain, 1 / static_cast<double>(i + 1));
    mean += share * off;
    variance = (1 - share) * (variance + share * off * off);
  }
  return trace;
}

// Roberts' chart: a smoothed value against the mean and deviation of the first 15 %.
Trace control_chart(const Series& series, double gain) {
  double mean = 0, square = 0;
  const auto n = static_cast<double>(series.probation);
  for (std::size_t i = 0; i < series.probation; ++i) mean += series.x[i] / n;
  for (std::size_t i = 0; i < series.probation; ++i) {
    square += (series.x[i] - mean) * (series.x[i] - mean) / n;
  }
  const double scale = std::sqrt(square * gain / (2 - gain));
  double smooth = mean;
  Trace trace(series.x.size());
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    smooth += gain * (series.x[i] - smooth);
    trace[i] = static_cast<float>(in_scales(smooth - mean, scale, mean));
  }
  return trace;
}

// Median of |x - median| of a sorted window: the two ends are consumed, the farther first, until the middle is left.
double deviation_of(const std::vector<double>& sorted, double median) {
  std::size_t low = 0, high = sorted.size();
  double last = 0;
  for (std::size_t taken = 0; taken < (sorted.size() + 1) / 2; ++taken) {
    const double below = median - sorted[low], above = sorted[high - 1] - median;
    last = std::max(below, above);
    if (below > above) {
      ++low;
    } else {
      --high;
    }
  }
  return last;
}

Trace rolling_median(const Series& series, std::size_t window) {
  std::vector<double> sorted;
  Trace trace(series.x.size());
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const double x = series.x[i];
    if (sorted.size() >= 20) {
      const double median = sorted[sorted.size() / 2];
      trace[i] = static_cast<float>(in_scales(x - median, 1.4826 * deviation_of(sorted, median), median));
    }
    sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), x), x);
    if (sorted.size() > window)
      sorted.erase(std::lower_bound(sorted.begin(), sorted.end(), series.x[i - window]));
  }
  return trace;
}

// The value against that of the same time on an earlier day.
Trace seasonal_naive(const Series& series, std::int64_t days) {
  std::size_t earlier = 0;
  double deviation = 0, seen = 0;
  Trace trace(series.x.size());
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const std::int64_t wanted = series.t[i] - days * 86400;
    if (wanted < series.t[0]) continue;
    while (series.t[earlier + 1] <= wanted) ++earlier;
    const double off = series.x[i] - series.x[earlier];
    if (seen >= 20) trace[i] = static_cast<float>(in_scales(off, 1.2533 * deviation, series.x[earlier]));
    ++seen;
    deviation += std::max(0.001, 1 / seen) * (std::fabs(off) - deviation);
  }
  return trace;
}

Detector baseline(std::string name, std::vector<Variant> variants) {
  Detector detector{std::move(name), std::move(variants), {}, {0.5, 3, 12, 24}, {0, 0.5, 3, 12, 24}};
  for (double threshold = 2; threshold < 60; threshold *= 1.1) detector.thresholds.push_back(threshold);
  return detector;
}

}  // namespace

std::vector<Detector> baselines() {
  std::vector<Variant> moving, chart, median, naive;
  for (const int span : {50, 100, 300, 1000}) {
    moving.push_back(
        {"span " + std::to_string(span), [span](const Series& s) { return moving_sigma(s, span); }});
  }
  for (const double gain : {0.05, 0.2}) {
    chart.push_back(
        {gain < 0.1 ? "gain 0.05" : "gain 0.2", [gain](const Series& s) { return control_chart(s, gain); }});
  }
  for (const std::size_t window : std::initializer_list<std::size_t>{50, 150, 300}) {
    median.push_back(
        {std::to_string(window) + " rows", [window](const Series& s) { return rolling_median(s, window); }});
  }
  for (const std::int64_t days : {1, 7}) {
    naive.push_back({days == 1 ? "a day ago" : "a week ago",
                     [days](const Series& s) { return seasonal_naive(s, days); }});
  }
  return {baseline("static sigma", {{"first 15 %", static_sigma}}), baseline("moving sigma", moving),
          baseline("EWMA chart", chart), baseline("median/MAD", median), baseline("seasonal naive", naive)};
}

}  // namespace proactive::quality
