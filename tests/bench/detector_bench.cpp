// ns per update and state bytes of every detector, calibrator and ensemble; warm state, and 100,000 series at random.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/math.h"
#include "models/detect/density_tail.h"
#include "models/detect/drift.h"
#include "models/detect/ensemble.h"
#include "models/detect/ewma.h"
#include "models/detect/forecast.h"
#include "models/detect/frozen.h"
#include "models/detect/jump.h"
#include "models/detect/own_noise.h"
#include "models/detect/rate.h"
#include "models/detect/ratio.h"
#include "models/detect/seasonal.h"
#include "models/detect/silence.h"
#include "models/detect/stuck.h"
#include "models/detect/tail.h"
#include "models/detect/volatility.h"

namespace proactive::models {
namespace {

// A fixed stream: the same numbers in every run and on every host.
class Stream {
 public:
  std::uint32_t bits() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state_ >> 33);
  }
  double noise() {  // roughly normal
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += bits() / 2147483648.0;
    return sum;
  }

 private:
  std::uint64_t state_ = 42;
};

constexpr std::size_t kSamples = 4096;

std::vector<double> normals() {
  Stream stream;
  std::vector<double> values(kSamples);
  for (double& value : values) value = 100 + 5 * stream.noise();
  return values;
}

Context context_at(std::uint64_t i) {
  Context context;
  context.step = std::chrono::minutes(5);
  context.elapsed = i == 0 ? Duration(0) : context.step;
  context.half_hour = static_cast<std::uint8_t>(i / 6 % 48);
  context.hour_of_week = static_cast<std::uint8_t>(i / 12 % 168);
  context.local_day = static_cast<std::uint16_t>(i / 288);
  return context;
}

Sample sample_of(double value, double trials) {
  Sample sample;
  sample.x = value;
  sample.n = trials;
  sample.learn_x = value;
  sample.learn_n = trials;
  return sample;
}

void bm_log(benchmark::State& bench) {
  const std::vector<double> values = normals();
  std::uint64_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(math::log(values[i++ % kSamples]));
}
BENCHMARK(bm_log);

void bm_exp(benchmark::State& bench) {
  const std::vector<double> values = normals();
  std::uint64_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(math::exp(values[i++ % kSamples]));
}
BENCHMARK(bm_exp);

void bm_ewma(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const Ewma ewma;
  Ewma::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(ewma.update(state, values[i++ % kSamples], 0.1, 1, 1.0 / 12));
  bench.counters["bytes"] = sizeof(Ewma::State);
}
BENCHMARK(bm_ewma);

void bm_seasonal(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const Seasonal seasonal;
  Seasonal::State state;
  std::vector<Seasonal::Slot> slots(Seasonal::kDaySlots + Seasonal::kWeekSlots);
  const std::span<Seasonal::Slot> all(slots);
  std::uint64_t i = 0;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(seasonal.update(state, all.first(Seasonal::kDaySlots),
                                             all.subspan(Seasonal::kDaySlots), values[i % kSamples], 0.1,
                                             context_at(i)));
    ++i;
  }
  bench.counters["bytes"] =
      static_cast<double>(sizeof(Seasonal::State) + slots.size() * sizeof(Seasonal::Slot));
}
BENCHMARK(bm_seasonal);

void bm_tail(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const Tail tail;
  Tail::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) {
    const double z = (values[i++ % kSamples] - 100) / 5;
    benchmark::DoNotOptimize(tail.update(state, z < 0 ? -z : z));
  }
  bench.counters["bytes"] = sizeof(Tail::State);
}
BENCHMARK(bm_tail);

void bm_density_tail(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const DensityTail tail(true);
  DensityTail::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(tail.update(state, (values[i++ % kSamples] - 100) / 5));
  bench.counters["bytes"] = sizeof(DensityTail::State);
}
BENCHMARK(bm_density_tail);

// One state that takes one normal value after the other.
template <class State, class Update>
void feed(benchmark::State& bench, const Update& update) {
  const std::vector<double> values = normals();
  State state;
  std::uint64_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(update(state, values[i++ % kSamples]));
  bench.counters["bytes"] = sizeof(State);
}

void bm_jump(benchmark::State& bench) {
  feed<Jump::State>(bench, [](Jump::State& state, double x) { return Jump().update(state, x, 0.1, 1); });
}
BENCHMARK(bm_jump);

void bm_drift(benchmark::State& bench) {
  feed<Drift::State>(bench,
                     [](Drift::State& state, double x) { return Drift().update(state, (x - 100) / 5); });
}
BENCHMARK(bm_drift);

void bm_volatility(benchmark::State& bench) {
  feed<Volatility::State>(
      bench, [](Volatility::State& state, double x) { return Volatility().update(state, (x - 100) / 5); });
}
BENCHMARK(bm_volatility);

void bm_frozen(benchmark::State& bench) {
  feed<Frozen::State>(bench, [](Frozen::State& state, double x) { return Frozen().update(state, x); });
}
BENCHMARK(bm_frozen);

void bm_stuck(benchmark::State& bench) {
  feed<Stuck::State>(bench, [](Stuck::State& state, double x) { return Stuck().update(state, x, 0.1, 1); });
}
BENCHMARK(bm_stuck);

// range(0): how much 100 events a bucket are divided by.
void bm_rate(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const Rate rate;
  Rate::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) {
    const double x = static_cast<double>(static_cast<int>(values[i++ % kSamples]) / bench.range(0));
    benchmark::DoNotOptimize(rate.score(state, x, 1, Direction::either));
    rate.learn(state, x, 1);
  }
  bench.counters["bytes"] = sizeof(Rate::State);
}
BENCHMARK(bm_rate)->Arg(1)->Arg(20);

void bm_forecast(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const Forecast forecast({200, Direction::high, 288});
  Forecast::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) benchmark::DoNotOptimize(forecast.update(state, values[i++ % kSamples], 0.1, 1));
  bench.counters["bytes"] = sizeof(Forecast::State);
}
BENCHMARK(bm_forecast);

void bm_silence(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const Silence silence;
  Silence::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) {
    const Duration gap(static_cast<std::int64_t>(1e6 * values[i++ % kSamples]));
    silence.learn(state, gap);
    benchmark::DoNotOptimize(silence.surprise(state, 5 * gap));
  }
  bench.counters["bytes"] = sizeof(Silence::State);
}
BENCHMARK(bm_silence);

void bm_own_noise(benchmark::State& bench) {
  const std::vector<double> values = normals();
  const OwnNoise own_noise;
  OwnNoise::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) {
    const double sum = values[i++ % kSamples] / 100;
    benchmark::DoNotOptimize(own_noise.p(state, sum));
    own_noise.learn(state, sum);
  }
  bench.counters["bytes"] = sizeof(OwnNoise::State);
}
BENCHMARK(bm_own_noise);

// range(0): trials a bucket, of which about 2 % hit.
void bm_ratio(benchmark::State& bench) {
  Stream stream;
  const auto trials = static_cast<double>(bench.range(0));
  std::vector<double> hits(kSamples);
  for (double& hit : hits) {
    for (int k = 0; k < bench.range(0); ++k) hit += stream.bits() % 50 == 0 ? 1 : 0;
  }
  const Ratio ratio;
  Ratio::State state;
  std::uint64_t i = 0;
  for (auto _ : bench) {
    const double x = hits[i++ % kSamples];
    benchmark::DoNotOptimize(ratio.score(state, x, trials, Direction::high));
    ratio.learn(state, x, trials);
  }
  bench.counters["bytes"] = sizeof(Ratio::State);
}
BENCHMARK(bm_ratio)->Arg(5)->Arg(50)->Arg(500)->Arg(5000);

// range(0): kind; range(1): how many series take turns at random (1: warm cache).
void bm_ensemble(benchmark::State& bench) {
  const Ensemble ensemble({static_cast<EnsembleKind>(bench.range(0)), Direction::high, {}});
  const auto series = static_cast<std::size_t>(bench.range(1));
  const std::size_t bytes = ensemble.state_bytes();
  std::vector<std::byte> block(series * bytes);
  for (std::size_t s = 0; s < series; ++s) ensemble.init(std::span(block).subspan(s * bytes, bytes));
  const std::vector<double> values = normals();
  const bool share = static_cast<EnsembleKind>(bench.range(0)) == EnsembleKind::ratio ||
                     static_cast<EnsembleKind>(bench.range(0)) == EnsembleKind::ratio_full;
  std::vector<Sample> samples(kSamples);
  for (std::size_t k = 0; k < kSamples; ++k) {
    samples[k] =
        share ? sample_of(static_cast<double>(static_cast<int>(values[k]) % 7), 60) : sample_of(values[k], 0);
  }
  // Warm: every series has its 1000 samples before time is taken.
  std::uint64_t i = 0;
  for (; i < 1000; ++i) {
    for (std::size_t s = 0; s < series; ++s) {
      benchmark::DoNotOptimize(ensemble.update(std::span(block).subspan(s * bytes, bytes),
                                               samples[(i + s * 7) % kSamples], context_at(i)));
    }
  }
  Stream pick;
  std::uint64_t turn = 0;
  for (auto _ : bench) {
    const std::size_t s = series == 1 ? 0 : pick.bits() % series;
    benchmark::DoNotOptimize(ensemble.update(std::span(block).subspan(s * bytes, bytes),
                                             samples[turn % kSamples], context_at(i + turn)));
    ++turn;
  }
  bench.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(bm_ensemble)
    ->ArgNames({"kind", "series"})
    ->ArgsProduct({{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1}})
    ->Args({0, 20000})
    ->Args({2, 20000})
    ->Args({4, 20000})
    ->Args({5, 20000})
    ->Args({3, 20000});

}  // namespace
}  // namespace proactive::models

BENCHMARK_MAIN();
