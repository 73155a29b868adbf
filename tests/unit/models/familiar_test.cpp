// What `repeats: familiar` adds to the level kinds: what a series has shown before is no news again.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

constexpr EnsembleKind kKinds[] = {EnsembleKind::level, EnsembleKind::seasonal_day,
                                   EnsembleKind::seasonal_week};

Walk walk_of(EnsembleKind kind, bool familiar, Direction direction = Direction::either) {
  return Walk({kind, direction, {}, familiar});
}

constexpr int kWeek = 2016;  // steps of five minutes

// A quiet level with a peak of its own size once a week from the second week on, at a slightly different time.
double weekly(Noise& noise, int step) {
  const int week = step / kWeek, at = 900 + week * 7 % 60;
  const bool peak = week > 0 && step % kWeek >= at && step % kWeek < at + 3;
  return 100 + 2 * noise.normal() + (peak ? 40 + 3 * noise.normal() : 0);
}

int onsets(Walk& walk, Noise& noise, int from, int to) {
  int count = 0;
  for (int i = from; i < to; ++i) count += walk.step(level_sample(weekly(noise, i))).onset >= 2.0 ? 1 : 0;
  return count;
}

TEST_CASE("a peak that comes each week is news each week, unless repeats are familiar") {
  int news = 0, first = 0, later = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Noise one(seed), other(seed);
    Walk plain = walk_of(EnsembleKind::level, false), used = walk_of(EnsembleKind::level, true);
    (void)onsets(plain, one, 0, 2 * kWeek);
    news += onsets(plain, one, 2 * kWeek, 8 * kWeek);
    first += onsets(used, other, 0, 2 * kWeek) > 0 ? 1 : 0;
    later += onsets(used, other, 2 * kWeek, 8 * kWeek);
  }
  CHECK(news >= 55);  // of 60 weeks
  CHECK(first == 10);
  CHECK(later <= 1);
}

TEST_CASE("a peak of another size, or on the other side, is news also when repeats are familiar") {
  for (const double size : {160.0, -40.0}) {
    CAPTURE(size);
    int heard = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Noise noise(seed);
      Walk walk = walk_of(EnsembleKind::level, true);
      (void)onsets(walk, noise, 0, 4 * kWeek);
      double most = 0;
      for (int i = 0; i < 3; ++i)
        most = std::max(most, walk.step(level_sample(100 + size + 2 * noise.normal())).onset);
      heard += most >= 2.0 ? 1 : 0;
    }
    CHECK(heard == 10);
  }
}

TEST_CASE("the side that is no problem stays silent") {
  Walk walk = walk_of(EnsembleKind::level, true, Direction::high);
  Noise noise(4);
  (void)onsets(walk, noise, 0, kWeek / 2);
  CHECK(walk.step(level_sample(20)).ratio == 0);
}

TEST_CASE("heavy tails give fewer onsets when repeats are familiar") {
  struct Row {
    const char* name;
    double (*draw)(Noise&);
  };
  const Row rows[] = {{"normal", [](Noise& n) { return n.normal(); }},
                      {"t3", [](Noise& n) { return n.student3(); }},
                      {"log-normal", [](Noise& n) { return math::exp(n.normal()); }},
                      {"blips", [](Noise& n) { return n.uniform() < 0.01 ? 5 + n.normal() : 0; }}};
  for (const Row& row : rows) {
    int counts[2] = {}, early[2] = {};
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      for (const bool familiar : {false, true}) {
        Noise noise(seed);
        Walk walk = walk_of(EnsembleKind::level, familiar);
        for (int i = 0; i < 5000; ++i) {
          const bool onset = walk.step(level_sample(row.draw(noise))).onset >= 2.0;
          (i < 1000 ? early : counts)[familiar ? 1 : 0] += onset ? 1 : 0;
        }
      }
    }
    MESSAGE(std::string(row.name), ": onsets per 10,000 news ", counts[0] / 8.0, " (first thousand ",
            early[0] / 2.0, "), familiar ", counts[1] / 8.0, " (", early[1] / 2.0, ")");
    CHECK(counts[1] + early[1] <= counts[0] + early[0]);
  }
}

TEST_CASE("a familiar series goes on from its stored bytes, at every cut") {
  for (const EnsembleKind kind : kKinds) {
    for (int cut = 0; cut < 1200; cut += 37) {
      Walk one = walk_of(kind, true), other = walk_of(kind, true);
      Noise noise(6);
      for (int i = 0; i < cut; ++i) {
        const Sample sample = level_sample(weekly(noise, i));
        (void)one.step(sample);
        (void)other.step(sample);
      }
      std::string blocks;
      one.ensemble().append_blocks(one.state(), blocks);
      other.ensemble().init(other.state());
      const BlockCounts counts = other.ensemble().load_blocks(blocks, other.state()).value();
      CHECK(counts.loaded == (kind == EnsembleKind::level ? 4 : 6));
      CHECK(counts.other_params + counts.damaged + counts.missing == 0);
      REQUIRE(std::memcmp(one.state().data(), other.state().data(), one.state().size()) == 0);
      for (int i = 0; i < 50; ++i) {
        const Sample sample = level_sample(weekly(noise, cut + i));
        REQUIRE(one.step(sample).sum == other.step(sample).sum);
      }
      if (cut % 5 == 0) CHECK(one.ensemble().describe(one.state()).find("noise") != std::string::npos);
    }
  }
}

TEST_CASE("a series that was news starts its own noise anew when it becomes familiar, and keeps its level") {
  Walk plain = walk_of(EnsembleKind::level, false);
  Noise noise(8);
  (void)onsets(plain, noise, 0, 600);
  std::string blocks;
  plain.ensemble().append_blocks(plain.state(), blocks);
  Walk used = walk_of(EnsembleKind::level, true);
  const BlockCounts counts = used.ensemble().load_blocks(blocks, used.state()).value();
  CHECK(counts.loaded == 2);
  CHECK(counts.other_params == 1);
  CHECK(counts.missing == 1);
}

}  // namespace
}  // namespace proactive::models
