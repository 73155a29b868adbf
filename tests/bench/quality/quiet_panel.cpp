#include <cmath>
#include <span>
#include <string>

#include "tests/bench/quality/random.h"
#include "tests/bench/quality/suite.h"

namespace proactive::quality {
namespace {

struct Quiet {
  const char* name;
  double (*next)(Random& random, std::size_t i, double before);
};

constexpr std::size_t kRows = 20'000;
constexpr std::int64_t kStepS = 300, kFirstMonday = 1'704'067'200;

constexpr Quiet kQuiet[] = {
    {"normal", [](Random& r, std::size_t, double) { return r.normal(); }},
    {"AR(0.8)", [](Random& r, std::size_t, double before) { return 0.8 * before + 0.6 * r.normal(); }},
    {"seasonal",
     [](Random& r, std::size_t i, double) {
       return 100 + 50 * math::sin_turns(static_cast<double>(i) / 288) + 5 * r.normal();
     }},
    {"Poisson 30", [](Random& r, std::size_t, double) { return r.poisson(30); }},
    {"quantised", [](Random& r, std::size_t, double) { return std::floor(r.normal() + 0.5); }},
    {"student t3", [](Random& r, std::size_t, double) { return r.student3(); }},
    {"Laplace", [](Random& r, std::size_t, double) { return r.laplace(); }},
    {"log-normal", [](Random& r, std::size_t, double) { return r.log_normal(1); }},
    {"constant and rare noise",
     [](Random& r, std::size_t, double) { return r.chance(0.01) ? 10 + r.normal() : 10.0; }},
};

}  // namespace

std::vector<Series> make_quiet_panel(Split split, int seeds) {
  std::vector<Series> all;
  for (const Quiet& quiet : kQuiet) {
    for (int number = 0; number < seeds; ++number) {
      Random random(
          ((static_cast<std::uint64_t>(split) + 7) * 1'000'000 + static_cast<std::uint64_t>(number)) * 16 +
          static_cast<std::uint64_t>(&quiet - kQuiet));
      Series series;
      series.kind = quiet.name;
      series.name = series.kind + "/" + std::to_string(number);
      series.step_s = kStepS;
      double before = 0;
      for (std::size_t i = 0; i < kRows; ++i) {
        before = quiet.next(random, i, before);
        series.t.push_back(kFirstMonday + static_cast<std::int64_t>(i) * kStepS);
        series.x.push_back(before);
      }
      series.probation = kRows * 15 / 100;
      all.push_back(std::move(series));
    }
  }
  return all;
}

}  // namespace proactive::quality
