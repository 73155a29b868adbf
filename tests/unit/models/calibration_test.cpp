// What the probabilities promise on clean series, and how often a rule with theta 2.0 would open for nothing.
// docs/models/calibration.md shows the figures of the longer run, which PROACTIVE_LONG_CALIBRATION=1 repeats and prints.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

constexpr int kCold = 1000;

bool long_run() {
  static const bool wanted = std::getenv("PROACTIVE_LONG_CALIBRATION") != nullptr;
  return wanted;
}
int series_count() { return long_run() ? 100 : 24; }
int series_length() { return long_run() ? 20000 : 8000; }

struct Figures {
  double warm = 0, p3 = 0, p4 = 0;  // second half: scores, and those with p < 1e-3, 1e-4 before the own noise
  double cold = 0, cold_p3 = 0;     // first 1000
  double scores = 0, onsets = 0;    // at theta 2.0
  double onsets_16 = 0;             // at theta 1.6
  double cold_onsets = 0;           // at theta 2.0, in the first 1000
  double typical = 0;               // mean over the series, at their ends

  [[nodiscard]] double warm_p3() const { return p3 / warm / 1e-3; }
  [[nodiscard]] double warm_p4() const { return p4 / warm / 1e-4; }
  [[nodiscard]] double cold_share() const { return cold_p3 / cold / 1e-3; }
  [[nodiscard]] double onsets_per_10000() const { return 1e4 * onsets / scores; }
};

Figures run(EnsembleParams params, const std::function<Stream(Noise&)>& make) {
  Figures figures;
  const int length = series_length();
  for (int series = 0; series < series_count(); ++series) {
    Noise noise(static_cast<std::uint64_t>(series) + 1);
    const Stream stream = make(noise);
    Walk walk(params);
    double typical = 0;
    for (int i = 0; i < length; ++i) {
      const Score score = walk.step(stream(i));
      if (!score.ready) continue;
      ++figures.scores;
      figures.onsets += score.onset >= 2.0 ? 1 : 0;
      figures.onsets_16 += score.onset >= 1.6 ? 1 : 0;
      if (i < kCold) {
        ++figures.cold;
        figures.cold_p3 += score.sum > 3 ? 1 : 0;
        figures.cold_onsets += score.onset >= 2.0 ? 1 : 0;
      } else if (i >= length / 2) {
        ++figures.warm;
        figures.p3 += score.sum > 3 ? 1 : 0;
        figures.p4 += score.sum > 4 ? 1 : 0;
      }
      if (score.ratio > 0) typical = score.sum / score.ratio;
    }
    figures.typical += typical / series_count();
  }
  return figures;
}

std::function<Stream(Noise&)> values(double (*draw)(Noise&)) {
  return [draw](Noise& noise) -> Stream {
    return [&noise, draw](std::int64_t) { return level_sample(draw(noise)); };
  };
}

// x(i) = phi x(i-1) + noise
std::function<Stream(Noise&)> autoregressive(double phi) {
  return [phi](Noise& noise) -> Stream {
    return [&noise, phi, x = 0.0](std::int64_t) mutable {
      x = phi * x + noise.normal();
      return level_sample(x);
    };
  };
}

std::function<Stream(Noise&)> moving_sum() {
  return [](Noise& noise) -> Stream {
    return [&noise, ring = std::vector<double>(12), sum = 0.0](std::int64_t i) mutable {
      double& oldest = ring[static_cast<std::size_t>(i % 12)];
      sum -= oldest;
      oldest = noise.normal();
      return level_sample(sum += oldest);
    };
  };
}

std::function<Stream(Noise&)> daily() {
  return [](Noise& noise) -> Stream {
    return [&noise](std::int64_t i) {
      return level_sample(100 * (1 + 0.5 * math::sin_turns(static_cast<double>(i) / 288)) +
                          5 * noise.normal());
    };
  };
}

// `trials` a bucket on average, each failing with probability p that itself varies when `strength` is given.
std::function<Stream(Noise&)> shares(double trials, double p, double spread) {
  return [=](Noise& noise) -> Stream {
    return [=, &noise](std::int64_t) {
      const double n = noise.poisson(trials);
      const double share = std::min(1.0, p * math::exp(spread * noise.normal()));
      return share_sample(noise.binomial(static_cast<int>(n), share), n);
    };
  };
}

struct Row {
  const char* name;
  EnsembleKind kind;
  std::function<Stream(Noise&)> make;
  double p3_least, p3_most;  // warm share of p < 1e-3, over 1e-3
  double p4_most;            // of p < 1e-4
  double cold_most;
  double onsets_most;  // per 10,000 at theta 2.0: the table of the design
};

TEST_CASE(
    "on clean series small probabilities are as rare as they claim, and rules rarely open for nothing") {
  constexpr auto level = EnsembleKind::level;
  const Row rows[] = {
      // The plain case.
      {"normal", level, values([](Noise& n) { return n.normal(); }), 0.5, 2, 4, 2, 0.3},
      // Heavier tails: exponential, and so heavy that the variance of the variance is infinite.
      {"Laplace", level, values([](Noise& n) { return n.laplace(); }), 0.5, 2, 4, 3, 2.5},
      {"Student t3", level, values([](Noise& n) { return n.student3(); }), 0.5, 2.5, 6, 6, 6.8},
      // Neighbours that resemble each other.
      {"AR(0.8)", level, autoregressive(0.8), 0.5, 2, 4, 2, 0.3},
      // Whole numbers: p cannot be met exactly, only not exceeded.
      {"rounded normal", level, values([](Noise& n) { return std::floor(n.normal() + 0.5); }), 0, 2, 4, 2,
       0.3},
      {"Poisson 30", level, values([](Noise& n) { return n.poisson(30); }), 0, 2, 4, 2, 0.4},
      // Skewed counts: mostly zero.
      {"Poisson 0.1", level, values([](Noise& n) { return n.poisson(0.1); }), 0, 2, 6, 6, 8.7},
      {"log-normal", level, values([](Noise& n) { return math::exp(n.normal()); }), 0.5, 3.5, 9, 8, 6.8},
      // A window of twelve steps: neighbours share eleven of them.
      {"moving sum of 12", level, moving_sum(), 0.5, 2, 4, 2, 0.5},
      // A daily cycle of ten times the noise.
      {"daily cycle", EnsembleKind::seasonal_day, daily(), 0.5, 2, 4, 2, 0.2},
      {"daily cycle, by week", EnsembleKind::seasonal_week, daily(), 0.3, 2, 4, 2, 0.4},
      // Shares, of few and of many trials; with a share that itself varies by a fifth.
      {"2 % of 5", EnsembleKind::ratio, shares(5, 0.02, 0), 0, 2, 4, 2, 0.3},
      {"2 % of 50", EnsembleKind::ratio, shares(50, 0.02, 0), 0, 2, 4, 2, 0.3},
      {"30 % of 50", EnsembleKind::ratio, shares(50, 0.3, 0), 0, 2, 4, 2, 0.3},
      {"2 % of 50, restless", EnsembleKind::ratio, shares(50, 0.02, 0.2), 0, 2, 4, 2, 0.3},
  };
  for (const Row& row : rows) {
    const Figures figures = run({row.kind, Direction::either}, row.make);
    INFO(std::string(row.name), ": p<1e-3 ", figures.warm_p3(), " p<1e-4 ", figures.warm_p4(), " cold ",
         figures.cold_share(), " onsets ", figures.onsets_per_10000());
    if (long_run()) {
      std::printf("| %-22s | %.2f | %.1f | %.2f | %.2f | %.2f | %.2f |\n", row.name, figures.warm_p3(),
                  figures.cold_share(), figures.onsets_per_10000(), 1e4 * figures.cold_onsets / figures.cold,
                  1e4 * figures.onsets_16 / figures.scores, figures.typical);
      continue;
    }
    CHECK(figures.scores > 0.6 * series_count() * series_length());
    CHECK(figures.warm_p3() >= row.p3_least);
    CHECK(figures.warm_p3() <= row.p3_most);
    CHECK(figures.warm_p4() <= row.p4_most);
    CHECK(figures.cold_share() <= row.cold_most);
    CHECK(figures.onsets_per_10000() <= row.onsets_most);
  }
}

TEST_CASE("the side that does not count never speaks") {
  for (const Direction wanted : {Direction::high, Direction::low}) {
    Walk walk({EnsembleKind::level, wanted});
    Noise noise(4);
    for (int i = 0; i < 3000; ++i) {
      const Score score = walk.step(level_sample(noise.normal() + (i % 500 == 499   ? 20
                                                                   : i % 500 == 250 ? -20
                                                                                    : 0)));
      if (!score.ready) continue;
      if (score.direction != wanted) CHECK(score.sum == 0);
    }
  }
}

}  // namespace
}  // namespace proactive::models
