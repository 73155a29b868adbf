#include "tests/bench/quality/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/bench/quality/lineup.h"
#include "tests/bench/quality/report.h"
#include "tests/bench/quality/signals.h"
#include "tests/bench/quality/suite.h"

namespace proactive::quality {
namespace {

// Of the small page, less what a change that harms nothing may cost.
constexpr double kLeastMeanF1 = 0.65;

constexpr const char* kHead = R"(# Detection quality on labelled series

Written by `quality_bench`; do not edit. The command that makes it, and one that shows where a series was heard:

    build/release/tests/quality_bench --write-docs
    build/release/tests/quality_bench --split reporting --trace "cpu/5m/3"

Each series is drawn from a seed: a signal as services show it, at steps of a minute, five minutes or an hour, 2,000 to
14,400 rows, with one to three labelled faults. Their sizes are multiples of what the signal does by itself once in 1,000
rows, from barely to plainly visible. A window is the fault and a little more. An alarm in it is a hit, once; an alarm
outside is false; the first 15 % of the rows do not count. The ensembles run as `proactived score` runs them: a fresh state
per series, one setting for all.

Baselines choose their window, their threshold and the hours for which a repetition is the same alarm by the best mean F1
over the kinds of signal in the *tuning* split. All figures below are of the *reporting* split: other seeds, and six kinds
of signal that tuning never saw (marked with a star). Differences below 0.04 are noise.

- `static sigma`: against mean and standard deviation of the first 15 %.
- `moving sigma`: against an exponentially weighted mean and standard deviation.
- `EWMA chart`: Roberts' chart, a smoothed value against the first 15 %.
- `median/MAD`: against the median and the median deviation of the rows before.
- `seasonal naive`: against the same time a day or a week ago.
)";

// How a detector is named in the heads of tables, by its threshold.
Entry entry_of(const Detector& detector, std::string name, const Chosen& chosen,
               const std::vector<Series>& suite) {
  return {std::move(name), describe(detector, chosen.events), chosen, measure(detector, chosen, suite)};
}

Chosen shipped_at(double theta) { return {{0, theta, kQuietHours}, {0, theta, 0}}; }

std::string signal_list() {
  std::string out = "\n## The signals\n\n| signal | what it is |\n|---|---|\n";
  for (const SignalKind& kind : signal_kinds()) {
    out += fmt::format("| {}{} | {} |\n", kind.name, kind.reporting_only ? " *" : "", kind.what);
  }
  return out;
}

std::string quiet_section(const std::vector<Detector>& ensembles, const std::vector<Series>& clean,
                          int seeds) {
  std::vector<QuietEntry> entries;
  for (const Detector& detector : ensembles) {
    for (const double theta : {kMediumSensitivity, kHighSensitivity}) {
      entries.push_back({fmt::format("{} at {:.1f}", detector.name, theta),
                         measure_quiet(detector, shipped_at(theta).events, clean)});
    }
  }
  return fmt::format(
             "\n## Without any fault\n\nOnsets per 10,000 rows in the first 1,000 rows, and after them; {} "
             "series of 20,000 "
             "five-minute rows each.\n\n",
             seeds) +
         quiet_table(entries);
}

std::vector<Entry> entries_of(const std::vector<Detector>& detectors, const std::vector<Series>& suite,
                              double theta) {
  std::vector<Entry> entries;
  for (const Detector& detector : detectors) {
    entries.push_back(entry_of(detector, detector.name, shipped_at(theta), suite));
  }
  return entries;
}

std::string list_of(const std::vector<std::string>& sentences) {
  std::string out;
  for (const std::string& sentence : sentences) out += "- " + sentence + "\n";
  return out;
}

}  // namespace

Page quality_page(const PageSize& size) {
  const std::vector<Series> tuning = make_suite(Split::tuning, size.tuning_seeds, true);
  const std::vector<Series> reporting = make_suite(Split::reporting, size.reporting_seeds, true);
  const std::vector<Detector> ensembles = shipped_ensembles();
  const Detector& gauge = ensembles.front();

  std::vector<Entry> simple;
  for (const Detector& detector : baselines()) {
    simple.push_back(entry_of(detector, detector.name, choose_settings(detector, tuning), reporting));
  }
  std::vector<Entry> shipped = entries_of(ensembles, reporting, kHighSensitivity);

  Page page;
  page.text = kHead;
  page.text += fmt::format("\n{} series in the tuning split, {} in the reporting split.\n", tuning.size(),
                           reporting.size());
  page.text +=
      "\n## In one line each\n\nThe benchmark score is the standard profile of the Numenta benchmark: 0 for "
      "saying "
      "nothing, 100 for each window at its first row. Ensembles have their shipped threshold in it, others "
      "the setting that "
      "scores best in the tuning split.\n\n";
  std::vector<Entry> overview = shipped;
  overview.push_back(entry_of(gauge, gauge.name + ", medium", shipped_at(kMediumSensitivity), reporting));
  const Entry chosen =
      entry_of(gauge, gauge.name + ", chosen like a baseline", choose_settings(gauge, tuning), reporting);
  overview.push_back(chosen);
  overview.insert(overview.end(), simple.begin(), simple.end());
  page.text += overview_table(overview);

  std::vector<Entry> columns = shipped;
  columns.insert(columns.end(), simple.begin(), simple.end());
  page.text += "\n## F1 by kind of signal\n\n" + kind_table(columns);
  const std::vector<std::string> lost = lost_kinds(shipped.front(), simple);
  page.text += lost.empty() ? "\nNo baseline is better on any kind.\n"
                            : fmt::format("\nWhere `{}` is not better than a baseline:\n\n{}", gauge.name,
                                          list_of(lost));
  page.text += "\n## Recall and median delay in rows, by kind of fault\n\n" + fault_table(columns);
  page.text +=
      quiet_section(ensembles, make_quiet_panel(Split::reporting, size.quiet_seeds), size.quiet_seeds);
  if (size.with_ablation) {
    page.text += "\n## Each model alone, and each ingredient taken away\n\nAt 1.6 on both splits.\n\n";
    std::vector<Detector> others = single_models();
    for (const Detector& detector : ablations()) others.push_back(detector);
    others.insert(others.begin(), gauge);
    page.text += ablation_table(entries_of(others, tuning, kHighSensitivity),
                                entries_of(others, reporting, kHighSensitivity));
  }
  page.text += signal_list();

  if (shipped.front().figures.mean_f1() < kLeastMeanF1) {
    page.broken.push_back(
        fmt::format("mean F1 {:.3f} is below {:.2f}", shipped.front().figures.mean_f1(), kLeastMeanF1));
  }
  for (const Entry& entry : simple) {
    if (entry.figures.mean_f1() < chosen.figures.mean_f1()) continue;
    page.broken.push_back(fmt::format("{} has a better mean F1", entry.name));
  }
  return page;
}

}  // namespace proactive::quality
