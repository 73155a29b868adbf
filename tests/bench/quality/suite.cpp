#include "tests/bench/quality/suite.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "models/base/check.h"
#include "tests/bench/quality/faults.h"
#include "tests/bench/quality/signals.h"

namespace proactive::quality {
namespace {

struct Cadence {
  const char* name;
  std::int64_t step_s;
  int least_days, most_days;
};
// 5,760 to 14,400 rows; 4,032 to 8,064; 2,000 to 4,000.
constexpr std::array<Cadence, 3> kCadences = {
    {{"1m", 60, 4, 10}, {"5m", 300, 14, 28}, {"1h", 3600, 84, 166}}};
constexpr std::int64_t kFirstMonday = 1'704'067'200;  // 2024-01-01T00:00:00Z

std::uint64_t seed_of(Split split, std::size_t kind, std::size_t cadence, int number) {
  return ((static_cast<std::uint64_t>(split) * 1000 + kind) * 10 + cadence) * 1'000'000 +
         static_cast<std::uint64_t>(number);
}

// Rows of the grid that arrive, and the windows about the faults.
Series rows_of(const Signal& signal, const std::vector<Fault>& faults, Random& random) {
  Series series;
  series.step_s = signal.step_s;
  std::vector<std::size_t> row_at(signal.size() + 1);  // the first row at or after a step
  for (std::size_t i = 0; i < signal.size(); ++i) {
    row_at[i] = series.x.size();
    if (signal.missing[i]) continue;
    const double late = signal.jitter_s > 0 ? std::floor(random.uniform() * signal.jitter_s) : 0;
    series.t.push_back(signal.start_s + static_cast<std::int64_t>(i) * signal.step_s +
                       static_cast<std::int64_t>(late));
    series.x.push_back(signal.x[i]);
  }
  row_at[signal.size()] = series.x.size();
  series.probation = row_at[static_cast<std::size_t>(0.15 * static_cast<double>(signal.size()))];
  const std::size_t pad = std::max<std::size_t>(3, signal.size() / 250);
  for (const Fault& fault : faults) {
    const std::size_t begin = fault.begin - std::min(pad / 2, fault.begin);
    const std::size_t end = std::min(fault.end + pad, signal.size());
    const Window window{row_at[begin], row_at[end], row_at[fault.begin], fault.kind};
    // Nobody is asked for a fault whose rows were all lost.
    if (row_at[fault.begin] < row_at[fault.end]) series.windows.push_back(window);
  }
  return series;
}

Series make_series(Split split, std::size_t kind_index, std::size_t cadence_index, int number,
                   bool with_faults) {
  const SignalKind& kind = signal_kinds()[kind_index];
  const Cadence& cadence = kCadences[cadence_index];
  Random random(seed_of(split, kind_index, cadence_index, number));
  const int days = random.whole(cadence.least_days, cadence.most_days);
  const std::int64_t start = kFirstMonday + random.whole(0, 13) * 86400;
  Signal signal(start, cadence.step_s, static_cast<std::size_t>(days * 86400 / cadence.step_s));
  kind.fill(signal, random);
  signal.show_all();
  // Their own stream: the clean twin is equal but for the faults.
  Random fault_random(~seed_of(split, kind_index, cadence_index, number));
  std::vector<Fault> faults;
  const auto quiet = static_cast<std::size_t>(0.15 * static_cast<double>(signal.size())) + 1;
  if (with_faults) faults = inject_faults(signal, kind.faults, quiet, fault_random);
  Series series = rows_of(signal, faults, random);
  series.kind = kind.name;
  series.reporting_only = kind.reporting_only;
  series.name = std::string(kind.name) + "/" + cadence.name + "/" + std::to_string(number);
  return series;
}

template <class Visit>
void for_each_series(Split split, int seeds, Visit visit) {
  for (std::size_t kind = 0; kind < signal_kinds().size(); ++kind) {
    if (split == Split::tuning && signal_kinds()[kind].reporting_only) continue;
    for (std::size_t cadence = 0; cadence < kCadences.size(); ++cadence) {
      for (int number = 0; number < seeds; ++number) visit(kind, cadence, number);
    }
  }
}

}  // namespace

std::vector<Series> make_suite(Split split, int seeds, bool with_faults) {
  std::vector<Series> all;
  for_each_series(split, seeds, [&](std::size_t kind, std::size_t cadence, int number) {
    all.push_back(make_series(split, kind, cadence, number, with_faults));
  });
  return all;
}

Series make_one(Split split, std::string_view name, bool with_faults) {
  const int number = std::stoi(std::string(name.substr(name.rfind('/') + 1)));
  Series found;
  for_each_series(split, number + 1, [&](std::size_t kind, std::size_t cadence, int candidate) {
    const std::string own = std::string(signal_kinds()[kind].name) + "/" + kCadences[cadence].name + "/" +
                            std::to_string(candidate);
    if (own == name) found = make_series(split, kind, cadence, candidate, with_faults);
  });
  PROACTIVE_CHECK(!found.x.empty());
  return found;
}

}  // namespace proactive::quality
