// What the channels of the gauge promise on clean series, and how often it would open for nothing.
// PROACTIVE_LONG_CALIBRATION=1 repeats it longer and prints the tables of docs/models/calibration.md.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

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

struct Channel {
  double warm = 0, warm_rare = 0, cold = 0, cold_rare = 0;  // readings, and those with p < 1e-3
};

struct Figures {
  std::array<Channel, 3> channels;  // level, jump, drift
  double late = 0, early = 0;       // buckets after and within the first 1000
  double late_onsets = 0, early_onsets = 0, late_16 = 0, early_16 = 0;  // at 2.0, at 1.6
  double typical = 0;
};

void count_channels(Figures& figures, const Score& score, int i, int length) {
  const Contribution& level = score.shares[score.shares[1].surprise > 0 ? 1 : 0];
  const Contribution* parts[] = {&level, &score.shares[2], &score.shares[3]};
  for (std::size_t k = 0; k < 3; ++k) {
    if (!parts[k]->ready) continue;
    const bool rare = parts[k]->surprise > 3;
    Channel& channel = figures.channels[k];
    if (i < kCold) channel.cold += 1, channel.cold_rare += rare ? 1 : 0;
    if (i >= length / 2) channel.warm += 1, channel.warm_rare += rare ? 1 : 0;
  }
}

using Draw = std::function<double(Noise&, std::int64_t, double&)>;  // the last one: the series' own memory

Figures run(EnsembleKind kind, const Draw& draw, std::uint64_t first_seed) {
  Figures figures;
  const int length = series_length();
  for (int series = 0; series < series_count(); ++series) {
    Noise noise(static_cast<std::uint64_t>(series) + first_seed);
    Walk walk({kind, Direction::either});
    double memory = 0, typical = 0;
    for (int i = 0; i < length; ++i) {
      const Score score = walk.step(level_sample(draw(noise, i, memory)));
      count_channels(figures, score, i, length);
      if (!score.ready) continue;
      (i < kCold ? figures.early : figures.late) += 1;
      (i < kCold ? figures.early_onsets : figures.late_onsets) += score.onset >= 2.0 ? 1 : 0;
      (i < kCold ? figures.early_16 : figures.late_16) += score.onset >= 1.6 ? 1 : 0;
      if (score.ratio > 0) typical = score.sum / score.ratio;
    }
    figures.typical += typical / series_count();
  }
  return figures;
}

struct Row {
  const char* name;
  Draw draw;
  // Of p < 1e-3, over 1e-3: least and most when warm, most in the first 1000 buckets.
  double least, most, cold_most;
  double late_most, early_most;  // onsets per 10,000 at 2.0
};

// What these bounds are wider than they should be at: AR's drift is too cautious, and what is constant but for rare blips
// surprises its jump three times as often as it claims, and all channels while they are new. Student t3 is 1.7 in the long
// run and up to 2.2 in the short one.
const Row kRows[] = {
    {"normal", [](Noise& n, std::int64_t, double&) { return n.normal(); }, 0.5, 2, 5, 1, 5},
    {"AR(0.8)", [](Noise& n, std::int64_t, double& m) { return m = 0.8 * m + n.normal(); }, 0.4, 2, 5, 1, 5},
    {"daily cycle",
     [](Noise& n, std::int64_t i, double&) {
       return 100 * (1 + 0.5 * math::sin_turns(static_cast<double>(i) / 288)) + 5 * n.normal();
     },
     0.5, 2, 5, 1, 5},
    {"Poisson 30", [](Noise& n, std::int64_t, double&) { return n.poisson(30); }, 0, 2, 5, 1, 5},
    {"rounded normal", [](Noise& n, std::int64_t, double&) { return std::floor(n.normal() + 0.5); }, 0, 2, 5,
     1, 5},
    {"Student t3", [](Noise& n, std::int64_t, double&) { return n.student3(); }, 0.5, 2.5, 5, 2, 6},
    {"Laplace", [](Noise& n, std::int64_t, double&) { return n.laplace(); }, 0.5, 2, 5, 2, 5},
    {"log-normal", [](Noise& n, std::int64_t, double&) { return math::exp(n.normal()); }, 0, 3, 8, 2, 6},
    {"constant, 1 % blips",
     [](Noise& n, std::int64_t, double&) { return 5 + (n.uniform() < 0.01 ? n.exponential() : 0); }, 0, 4, 12,
     2, 12},
};

double share(double rare, double all) { return all > 0 ? rare / all / 1e-3 : 0; }

void check_kind(EnsembleKind kind, const char* name) {
  for (const Row& row : kRows) {
    const Figures f = run(kind, row.draw, 5001);
    const double late = 1e4 * f.late_onsets / f.late, early = 1e4 * f.early_onsets / f.early;
    if (long_run()) {
      std::printf("| %s | %s |", name, row.name);
      for (const Channel& c : f.channels) {
        std::printf(" %.2f / %.2f |", share(c.warm_rare, c.warm), share(c.cold_rare, c.cold));
      }
      std::printf(" %.2f | %.2f | %.2f | %.2f | %.2f |\n", late, early, 1e4 * f.late_16 / f.late,
                  1e4 * f.early_16 / f.early, f.typical);
      continue;
    }
    INFO(std::string(name), " on ", std::string(row.name), ": late ", late, " early ", early);
    CHECK(late <= row.late_most);
    CHECK(early <= row.early_most);
    // A slim gauge has no season: its level is wide, and never surprised, where there is one.
    const bool rhythm = std::string(row.name) == "daily cycle", slim = kind == EnsembleKind::gauge_slim;
    for (std::size_t k = 0; k < f.channels.size(); ++k) {
      const Channel& c = f.channels[k];
      INFO("channel ", k, ": warm ", share(c.warm_rare, c.warm), " cold ", share(c.cold_rare, c.cold));
      CHECK(share(c.warm_rare, c.warm) <= row.most);
      if (!(rhythm && slim)) CHECK(share(c.warm_rare, c.warm) >= row.least);
      CHECK(share(c.cold_rare, c.cold) <= row.cold_most);
    }
  }
}

TEST_CASE("the channels of a gauge keep their probabilities, and clean series rarely open for nothing") {
  check_kind(EnsembleKind::gauge, "gauge");
}

TEST_CASE("those of the slim gauge do so too") { check_kind(EnsembleKind::gauge_slim, "gauge_slim"); }

}  // namespace
}  // namespace proactive::models
