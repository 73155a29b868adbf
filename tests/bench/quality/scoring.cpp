#include "tests/bench/quality/scoring.h"

#include <algorithm>
#include <cmath>

#include "models/base/math.h"

namespace proactive::quality {

std::vector<Loud> loud_rows(const Trace& trace, double least) {
  std::vector<Loud> loud;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (double{trace[i]} >= least) loud.push_back({i, trace[i]});
  }
  return loud;
}

std::vector<std::size_t> alarms_of(const Series& series, std::span<const Loud> loud, const Setting& setting,
                                   std::size_t first_row) {
  std::vector<std::size_t> alarms;
  const auto quiet = static_cast<std::int64_t>(setting.quiet_hours * 3600);
  const std::int64_t never = series.t.empty() ? 0 : series.t[0] - quiet - 1;
  std::int64_t before = never;
  for (const Loud& row : loud) {
    if (double{row.score} < setting.threshold) continue;
    const std::int64_t now = series.t[row.row];
    if (now - before > quiet && row.row >= first_row) alarms.push_back(row.row);
    before = now;
  }
  return alarms;
}

void Tally::add(const Tally& other) {
  windows += other.windows;
  hits += other.hits;
  false_alarms += other.false_alarms;
  delays.insert(delays.end(), other.delays.begin(), other.delays.end());
}

double Tally::precision() const { return hits + false_alarms > 0 ? hits / (hits + false_alarms) : 0; }
double Tally::recall() const { return windows > 0 ? hits / windows : 0; }
double Tally::f1() const { return windows > 0 ? 2 * hits / (windows + hits + false_alarms) : 0; }
double Tally::median_delay() const {
  if (delays.empty()) return 0;
  std::vector<double> sorted = delays;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

Judgement judge(const Series& series, std::span<const std::size_t> alarms) {
  Judgement judgement;
  std::size_t in_windows = 0;
  for (const Window& window : series.windows) {
    Tally& tally = judgement.by_fault[static_cast<std::size_t>(window.kind)];
    ++tally.windows;
    const auto first = std::lower_bound(alarms.begin(), alarms.end(), window.begin);
    const auto last = std::lower_bound(first, alarms.end(), window.end);
    in_windows += static_cast<std::size_t>(last - first);
    if (first == last) continue;
    ++tally.hits;
    tally.delays.push_back(*first > window.fault ? static_cast<double>(*first - window.fault) : 0);
  }
  for (const Tally& tally : judgement.by_fault) judgement.all.add(tally);
  judgement.all.false_alarms = static_cast<double>(alarms.size() - in_windows);
  return judgement;
}

namespace {

constexpr double kFalseAlarm = 0.11;

// From 1 (y = -1, the window's first row) over 0 (its last) to -1.
double timeliness(double y) {
  const double scale = 2 / (1 + math::exp(-5.0)) - 1;
  return y > 3 ? -1 : (2 / (1 + math::exp(5 * y)) - 1) / scale;
}

}  // namespace

NabPoints nab_points(const Series& series, std::span<const std::size_t> alarms) {
  NabPoints nab;
  nab.windows = static_cast<double>(series.windows.size());
  std::size_t next = 0;  // window that has not ended
  bool hit = false;
  const auto leave = [&] {
    if (!hit) nab.points -= 1;
    hit = false;
    ++next;
  };
  for (const std::size_t row : alarms) {
    while (next < series.windows.size() && row >= series.windows[next].end) leave();
    if (next < series.windows.size() && row >= series.windows[next].begin) {
      const Window& window = series.windows[next];
      const double width = static_cast<double>(window.end - window.begin);
      if (!hit) nab.points += timeliness(-static_cast<double>(window.end - row) / width);
      hit = true;
      continue;
    }
    double weight = -1;
    if (next > 0) {
      const Window& last = series.windows[next - 1];
      const double width = std::max(1.0, static_cast<double>(last.end - last.begin));
      weight = timeliness(static_cast<double>(row - last.end + 1) / width);
    }
    nab.points += kFalseAlarm * weight;
  }
  while (next < series.windows.size()) leave();
  return nab;
}

double NabPoints::score() const { return windows > 0 ? 100 * (points + windows) / (2 * windows) : 0; }

}  // namespace proactive::quality
