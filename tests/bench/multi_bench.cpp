// ns per row of multi: scoring alone, scoring and learning with its renewals, and one renewal; 4 to 64 columns.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "models/detect/joint.h"
#include "models/detect/multi.h"

namespace proactive::models {
namespace {

constexpr std::size_t kRows = 1024;
constexpr double kForever = 1e15;

// A fixed stream of rows that share a factor.
std::vector<std::vector<double>> rows_of(std::size_t columns) {
  std::uint64_t state = 42;
  const auto noise = [&state] {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      sum += static_cast<double>(state >> 33) / 2147483648.0;
    }
    return sum;
  };
  std::vector<std::vector<double>> rows(kRows, std::vector<double>(columns));
  for (auto& row : rows) {
    const double factor = noise();
    for (double& x : row) x = 0.7 * factor + 0.7 * noise();
  }
  return rows;
}

struct Taught {
  explicit Taught(const std::vector<std::vector<double>>& rows)
      : cohort(rows[0].size()), entity(rows[0].size()) {
    for (const auto& row : rows) {
      const MultiReading reading = Multi().update(cohort, entity, row);
      Multi().learn(cohort, entity, row, reading, kForever);
    }
    cohort.renew();
  }
  MultiCohort cohort;
  MultiEntity entity;
};

void multi_score(benchmark::State& state) {
  const auto rows = rows_of(static_cast<std::size_t>(state.range(0)));
  Taught taught(rows);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Multi().update(taught.cohort, taught.entity, rows[i++ % kRows]).surprise);
  }
}
BENCHMARK(multi_score)->Arg(4)->Arg(8)->Arg(16)->Arg(32)->Arg(64);

void multi_learn(benchmark::State& state) {
  const auto rows = rows_of(static_cast<std::size_t>(state.range(0)));
  Taught taught(rows);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& row = rows[i++ % kRows];
    const MultiReading reading = Multi().update(taught.cohort, taught.entity, row);
    Multi().learn(taught.cohort, taught.entity, row, reading, kForever);
  }
}
BENCHMARK(multi_learn)->Arg(4)->Arg(8)->Arg(16)->Arg(32)->Arg(64);

void multi_renew(benchmark::State& state) {
  const auto rows = rows_of(static_cast<std::size_t>(state.range(0)));
  Taught taught(rows);
  for (auto _ : state) taught.cohort.renew();
}
BENCHMARK(multi_renew)->Arg(8)->Arg(16)->Arg(64);

// As the daemon keeps it: all from the block, and back.
void joint(benchmark::State& state) {
  const auto rows = rows_of(static_cast<std::size_t>(state.range(0)));
  const Joint joint(rows[0].size());
  std::vector<std::byte> block(joint.state_bytes());
  joint.init(block);
  for (const auto& row : rows) (void)joint.update(block, row, Duration(60'000'000));
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(joint.update(block, rows[i++ % kRows], Duration(60'000'000)).score.ratio);
  }
  state.counters["bytes"] = static_cast<double>(joint.state_bytes());
}
BENCHMARK(joint)->Arg(2)->Arg(3)->Arg(4)->Arg(8);

}  // namespace
}  // namespace proactive::models

BENCHMARK_MAIN();
