#include "tests/bench/quality/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace proactive::quality {
namespace {

using Cells = std::vector<std::string>;

std::string line(const Cells& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  return out + "\n";
}

std::string header(const Cells& cells) {
  std::string out = line(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) out += "---|";
  return out + "\n";
}

// Rounded as shown: what looks equal must not be called better.
double shown(double value) { return std::floor(value * 1000 + 0.5) / 1000; }

Cells names_after(std::string first, const std::vector<Entry>& entries) {
  Cells cells = {std::move(first)};
  for (const Entry& entry : entries) cells.push_back(entry.name);
  return cells;
}

}  // namespace

std::string describe(const Detector& detector, const Setting& setting) {
  const std::string& variant = detector.variants[setting.variant].setting;
  return fmt::format("{}{}{:.1f}, {} h quiet", variant, variant.empty() ? "" : ", ", setting.threshold,
                     setting.quiet_hours);
}

std::string overview_table(const std::vector<Entry>& entries) {
  std::string out = header({"detector", "setting", "precision", "recall", "F1", "mean F1 of the kinds",
                            "median delay, rows", "benchmark score"});
  for (const Entry& entry : entries) {
    const Tally& all = entry.figures.all.all;
    out += line({entry.name, entry.setting, fmt::format("{:.3f}", all.precision()),
                 fmt::format("{:.3f}", all.recall()), fmt::format("{:.3f}", all.f1()),
                 fmt::format("{:.3f}", entry.figures.mean_f1()), fmt::format("{:.0f}", all.median_delay()),
                 fmt::format("{:.1f}", entry.figures.nab.score())});
  }
  return out;
}

std::string kind_table(const std::vector<Entry>& entries) {
  std::string out = header(names_after("signal", entries));
  for (const KindFigures& kind : entries.front().figures.kinds) {
    double best = 0;
    for (const Entry& entry : entries)
      best = std::max(best, shown(entry.figures.find(kind.kind)->judgement.all.f1()));
    Cells cells = {kind.kind + (kind.reporting_only ? " *" : "")};
    for (const Entry& entry : entries) {
      const double f1 = shown(entry.figures.find(kind.kind)->judgement.all.f1());
      cells.push_back(f1 >= best && f1 > 0 ? fmt::format("**{:.3f}**", f1) : fmt::format("{:.3f}", f1));
    }
    out += line(cells);
  }
  return out;
}

std::string fault_table(const std::vector<Entry>& entries) {
  Cells names = names_after("fault", entries);
  names.insert(names.begin() + 1, "windows");
  std::string out = header(names);
  for (std::size_t k = 0; k < kFaultKinds; ++k) {
    const double windows = entries.front().figures.all.by_fault[k].windows;
    if (windows == 0) continue;
    Cells cells = {name_of(static_cast<FaultKind>(k)), fmt::format("{:.0f}", windows)};
    for (const Entry& entry : entries) {
      const Tally& tally = entry.figures.all.by_fault[k];
      cells.push_back(fmt::format("{:.2f}, {:.0f}", tally.recall(), tally.median_delay()));
    }
    out += line(cells);
  }
  return out;
}

std::string ablation_table(const std::vector<Entry>& tuning, const std::vector<Entry>& reporting) {
  std::string out = header({"detector", "tuning: mean F1", "benchmark score", "reporting: mean F1",
                            "precision", "recall", "benchmark score"});
  for (std::size_t k = 0; k < tuning.size(); ++k) {
    const Figures &before = tuning[k].figures, &after = reporting[k].figures;
    out += line({tuning[k].name, fmt::format("{:.3f}", before.mean_f1()),
                 fmt::format("{:.1f}", before.nab.score()), fmt::format("{:.3f}", after.mean_f1()),
                 fmt::format("{:.3f}", after.all.all.precision()),
                 fmt::format("{:.3f}", after.all.all.recall()), fmt::format("{:.1f}", after.nab.score())});
  }
  return out;
}

std::string quiet_table(const std::vector<QuietEntry>& entries) {
  Cells names = {"series"};
  for (const QuietEntry& entry : entries) names.push_back(entry.name);
  std::string out = header(names);
  for (std::size_t k = 0; k < entries.front().kinds.size(); ++k) {
    Cells cells = {entries.front().kinds[k].kind};
    for (const QuietEntry& entry : entries) {
      cells.push_back(
          fmt::format("{:.2f}, {:.2f}", entry.kinds[k].first_per_10000(), entry.kinds[k].later_per_10000()));
    }
    out += line(cells);
  }
  return out;
}

std::vector<std::string> lost_kinds(const Entry& entry, const std::vector<Entry>& others) {
  std::vector<std::string> lost;
  for (const KindFigures& kind : entry.figures.kinds) {
    const double own = shown(kind.judgement.all.f1());
    for (const Entry& other : others) {
      const double theirs = shown(other.figures.find(kind.kind)->judgement.all.f1());
      if (theirs >= own)
        lost.push_back(fmt::format("{}: {:.3f} against {:.3f} of {}", kind.kind, own, theirs, other.name));
    }
  }
  return lost;
}

}  // namespace proactive::quality
