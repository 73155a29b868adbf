#include "tests/bench/quality/evaluation.h"

#include <algorithm>
#include <span>

namespace proactive::quality {
namespace {

using LoudRows = std::vector<std::vector<Loud>>;  // of each series

LoudRows listen(const Variant& variant, const std::vector<Series>& suite, double least) {
  LoudRows all;
  all.reserve(suite.size());
  for (const Series& series : suite) all.push_back(loud_rows(variant.run(series), least));
  return all;
}

KindFigures& figures_of(std::vector<KindFigures>& kinds, const Series& series) {
  if (kinds.empty() || kinds.back().kind != series.kind)
    kinds.push_back({series.kind, series.reporting_only, {}});
  return kinds.back();
}

void add(Judgement& to, const Judgement& other) {
  to.all.add(other.all);
  for (std::size_t k = 0; k < kFaultKinds; ++k) to.by_fault[k].add(other.by_fault[k]);
}

Figures judge_all(const std::vector<Series>& suite, const LoudRows& loud, const Setting& setting) {
  Figures figures;
  for (std::size_t i = 0; i < suite.size(); ++i) {
    const auto alarms = alarms_of(suite[i], loud[i], setting, suite[i].probation);
    add(figures_of(figures.kinds, suite[i]).judgement, judge(suite[i], alarms));
  }
  for (const KindFigures& kind : figures.kinds) add(figures.all, kind.judgement);
  return figures;
}

NabPoints nab_of_all(const std::vector<Series>& suite, const LoudRows& loud, const Setting& setting) {
  NabPoints sum;
  for (std::size_t i = 0; i < suite.size(); ++i) {
    const NabPoints nab = nab_points(suite[i], alarms_of(suite[i], loud[i], setting, suite[i].probation));
    sum.points += nab.points;
    sum.windows += nab.windows;
  }
  return sum;
}

}  // namespace

double Figures::mean_f1() const {
  double sum = 0;
  for (const KindFigures& kind : kinds) sum += kind.judgement.all.f1();
  return kinds.empty() ? 0 : sum / static_cast<double>(kinds.size());
}

const KindFigures* Figures::find(const std::string& kind) const {
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.kind == kind; });
  return found == kinds.end() ? nullptr : &*found;
}

Chosen choose_settings(const Detector& detector, const std::vector<Series>& tuning) {
  Chosen chosen;
  double best_f1 = -1, best_nab = -1e9;
  for (std::size_t variant = 0; variant < detector.variants.size(); ++variant) {
    const LoudRows loud = listen(detector.variants[variant], tuning, detector.thresholds.front());
    for (const double threshold : detector.thresholds) {
      for (const double quiet : detector.quiet_hours) {
        const Setting setting{variant, threshold, quiet};
        const double f1 = judge_all(tuning, loud, setting).mean_f1();
        if (f1 > best_f1) {
          best_f1 = f1;
          chosen.events = setting;
        }
      }
      for (const double quiet : detector.benchmark_quiet_hours) {
        const Setting setting{variant, threshold, quiet};
        const double nab = nab_of_all(tuning, loud, setting).score();
        if (nab > best_nab) {
          best_nab = nab;
          chosen.nab = setting;
        }
      }
    }
  }
  return chosen;
}

Figures measure(const Detector& detector, const Chosen& chosen, const std::vector<Series>& suite) {
  const LoudRows loud = listen(detector.variants[chosen.events.variant], suite, chosen.events.threshold);
  Figures figures = judge_all(suite, loud, chosen.events);
  const LoudRows nab_loud = listen(detector.variants[chosen.nab.variant], suite, chosen.nab.threshold);
  figures.nab = nab_of_all(suite, nab_loud, chosen.nab);
  return figures;
}

std::vector<QuietFigures> measure_quiet(const Detector& detector, const Setting& setting,
                                        const std::vector<Series>& clean) {
  constexpr std::size_t kFirst = 1000;
  std::vector<QuietFigures> kinds;
  for (const Series& series : clean) {
    if (kinds.empty() || kinds.back().kind != series.kind) kinds.push_back({series.kind, 0, 0, 0, 0});
    QuietFigures& figures = kinds.back();
    const auto loud = loud_rows(detector.variants[setting.variant].run(series), setting.threshold);
    const std::size_t first_rows = std::min(kFirst, series.x.size());
    figures.first_rows += static_cast<double>(first_rows);
    figures.later_rows += static_cast<double>(series.x.size() - first_rows);
    for (const std::size_t row : alarms_of(series, loud, setting, 0))
      ++(row < kFirst ? figures.first : figures.later);
  }
  return kinds;
}

}  // namespace proactive::quality
