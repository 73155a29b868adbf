// How the gauge behaves around incidents, level shifts, gaps and changes of clock or rate.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "models/detect/onset.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

constexpr double kMedium = 2.0;
constexpr int kDay = 288;

enum class Shape { normal, daily, autoregressive };
constexpr Shape kShapes[] = {Shape::normal, Shape::daily, Shape::autoregressive};

// A series with a noise of 1 around 100; its daily cycle follows the local clock.
class Source {
 public:
  Source(Shape shape, std::uint64_t seed) : shape_(shape), noise_(seed) {}
  double next(double day) {
    if (shape_ == Shape::autoregressive) memory_ = 0.8 * memory_ + 0.6 * noise_.normal();
    const double cycle = shape_ == Shape::daily ? 10 * math::sin_turns(day) : 0;
    return 100 + cycle + (shape_ == Shape::autoregressive ? memory_ : noise_.normal());
  }

 private:
  Shape shape_;
  Noise noise_;
  double memory_ = 0;
};

struct Heard {
  int onsets = 0;      // at medium sensitivity
  double loudest = 0;  // onset
};

Heard play(Walk& walk, Source& source, int buckets, double shift) {
  Heard heard;
  for (int i = 0; i < buckets; ++i) {
    const double day = static_cast<double>(walk.buckets()) / kDay;
    const Score score = walk.step(level_sample(source.next(day) + shift));
    if (!score.ready) continue;
    heard.onsets += score.onset >= kMedium ? 1 : 0;
    heard.loudest = std::max(heard.loudest, score.onset);
  }
  return heard;
}

constexpr int kSeeds = 10;

// Of the seeds, those for which `holds`; both gauges, all shapes.
template <class Check>
void in_nearly_all_seeds(EnsembleKind kind, Shape shape, int least, Check holds) {
  int good = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Walk walk({kind, Direction::either});
    Source source(shape, 300 + seed);
    (void)play(walk, source, 10 * kDay, 0);
    good += holds(walk, source) ? 1 : 0;
  }
  INFO("kind ", static_cast<int>(kind), " shape ", static_cast<int>(shape), ": ", good, " of ", kSeeds);
  CHECK(good >= least);
}

// Two in ten of the repetitions on AR(0.8) fall just short of 2.0 (1.97 and more): the jump and the drift have been seen before.
TEST_CASE("an incident of three days does not make a gauge deaf to its repetition") {
  for (const Shape shape : kShapes) {
    in_nearly_all_seeds(EnsembleKind::gauge, shape, kSeeds - 2, [](Walk& walk, Source& source) {
      const Heard first = play(walk, source, 3 * kDay, 12);
      (void)play(walk, source, 7 * kDay, 0);
      const Heard second = play(walk, source, kDay / 2, 12);
      return first.onsets > 0 && second.onsets > 0;
    });
  }
}

// Volatility hears the new level too, and can make a fourth onset of it in three of ten series of one shape.
TEST_CASE("a level that moves for good alarms within an hour, seldom again, and is normal after two days") {
  for (const Shape shape : kShapes) {
    in_nearly_all_seeds(EnsembleKind::gauge, shape, kSeeds - 3, [](Walk& walk, Source& source) {
      const Heard hour = play(walk, source, 12, 12);
      const Heard two_days = play(walk, source, 2 * kDay - 12, 12);
      const Heard after = play(walk, source, 5 * kDay, 12);
      return hour.onsets >= 1 && hour.onsets + two_days.onsets <= 3 && after.onsets == 0;
    });
  }
}

TEST_CASE("a gap of a day is no alarm") {
  for (const Shape shape : kShapes) {
    in_nearly_all_seeds(EnsembleKind::gauge, shape, kSeeds, [](Walk& walk, Source& source) {
      const std::int64_t back = walk.buckets() + kDay;
      const Score first = walk.step_at(back, level_sample(source.next(static_cast<double>(back) / kDay)));
      const Heard heard = play(walk, source, kDay, 0);
      return first.onset < kMedium && heard.onsets == 0;
    });
  }
}

TEST_CASE("a change of clock is no alarm where the rhythm follows the clock") {
  for (const int hours : {1, -1}) {
    in_nearly_all_seeds(EnsembleKind::gauge, Shape::daily, kSeeds - 1, [hours](Walk& walk, Source& source) {
      const std::int64_t begin = walk.buckets();
      int onsets = 0;
      Ensemble const& ensemble = walk.ensemble();
      for (std::int64_t i = begin; i < begin + 2 * kDay; ++i) {
        Context context =
            context_of(i + hours * 12, i + hours * 12 - 1);  // the local clock is ahead, or behind
        const double day = static_cast<double>(i + hours * 12) / kDay;
        const Score score = ensemble.update(walk.state(), level_sample(source.next(day)), context);
        onsets += score.onset >= kMedium ? 1 : 0;
      }
      return onsets == 0;
    });
  }
}

TEST_CASE("a doubled sampling rate is no alarm") {
  for (const EnsembleKind kind : {EnsembleKind::gauge, EnsembleKind::gauge_slim}) {
    in_nearly_all_seeds(kind, Shape::normal, kSeeds, [](Walk& walk, Source& source) {
      int onsets = 0;
      for (int half = 0; half < 4 * kDay; ++half) {
        Context context = context_of(10 * kDay + half / 2, 10 * kDay + half / 2 - 1);
        context.step = context.elapsed = kStep / 2;
        const Score score = walk.ensemble().update(walk.state(), level_sample(source.next(0)), context);
        onsets += score.onset >= kMedium ? 1 : 0;
      }
      return onsets == 0;
    });
  }
}

TEST_CASE("a share of the sum is the part that its channel has in it") {
  Walk walk({EnsembleKind::gauge, Direction::either});
  Source source(Shape::normal, 1);
  (void)play(walk, source, 3 * kDay, 0);
  const Score score = walk.step(level_sample(115));

  double all = 0;
  for (const Contribution& part : score.shares) {
    const double said = double{part.surprise};
    all = std::max(all, said) + 0.2 * std::min(all, said);
  }
  CHECK(all == doctest::Approx(score.sum).epsilon(1e-6));
  CHECK(score.shares[2].model == ModelId::jump);
  CHECK(score.shares[2].surprise > 2);
  CHECK(score.direction == Direction::high);
}

TEST_CASE("a channel that warms up says how far it is") {
  Walk walk({EnsembleKind::gauge, Direction::either});
  Source source(Shape::normal, 2);
  Score score;
  for (int i = 0; i < 31; ++i) score = walk.step(level_sample(source.next(0)));

  CHECK(score.ready);  // jump and drift speak before the level's tail does
  CHECK_FALSE(score.shares[0].ready);
  CHECK(score.shares[0].have == 30);
  CHECK(score.shares[0].need == 50);
  CHECK(score.shares[1].model == ModelId::seasonal);
  CHECK(score.shares[1].need == 2);
  CHECK(score.shares[2].ready);
}

TEST_CASE("the side that does not count is no part of a gauge's sum") {
  for (const Direction wanted : {Direction::high, Direction::low}) {
    Walk walk({EnsembleKind::gauge, wanted});
    Source source(Shape::normal, 3);
    (void)play(walk, source, 2 * kDay, 0);
    const Score score = walk.step(level_sample(wanted == Direction::high ? 80 : 120));
    CHECK(score.sum < 0.5);
  }
}

TEST_CASE("a small lasting shift is for drift and volatility to find") {
  int found = 0, by_drift = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Walk walk({EnsembleKind::gauge, Direction::either});
    Source source(Shape::normal, seed);
    (void)play(walk, source, 5 * kDay, 0);
    for (int i = 0; i < 36; ++i) {
      const Score score = walk.step(level_sample(source.next(0) + 3));
      if (score.onset < 1.6) continue;
      ++found;
      by_drift += score.top == ModelId::drift || score.top == ModelId::volatility ? 1 : 0;
      break;
    }
  }
  CHECK(found >= 14);
  CHECK(by_drift >= 9);
}

TEST_CASE("what an ablation takes away is silent, and nobody reads its state") {
  const auto without = [](auto take) {
    EnsembleParams params{EnsembleKind::gauge, Direction::either, {}};
    take(params.ablation);
    return params;
  };
  const EnsembleParams plain{EnsembleKind::gauge, Direction::either, {}};
  const EnsembleParams rows[] = {
      without([](Ablation& a) { a.jump = false; }),
      without([](Ablation& a) { a.drift = false; }),
      without([](Ablation& a) { a.density_tail = false; }),
      without([](Ablation& a) { a.own_noise = false; }),
      without([](Ablation& a) { a.onset_memory = false; }),
      without([](Ablation& a) { a.escalation = false; }),
      without([](Ablation& a) { a.season = Ablation::Season::never; }),
      without([](Ablation& a) { a.season = Ablation::Season::always; }),
  };
  for (const EnsembleParams& params : rows) {
    CHECK(Ensemble(params).params_hash() != Ensemble(plain).params_hash());
    CHECK(Ensemble(params).state_bytes() == Ensemble(plain).state_bytes());
    Walk walk(params), whole(plain);
    Source source(Shape::daily, 4), same(Shape::daily, 4);
    bool differs = false;
    for (int i = 0; i < 4 * kDay; ++i) {
      // Incidents that grow slowly.
      const double day = static_cast<double>(i) / kDay;
      const double shift = i % 300 > 285 ? 4 + 0.5 * (i % 300 - 285) : 0;
      const Score score = walk.step(level_sample(source.next(day) + shift));
      const Score other = whole.step(level_sample(same.next(day) + shift));
      differs = differs || score.onset != other.onset;
      if (!params.ablation.jump) CHECK(score.shares[2].surprise == 0);
      if (!params.ablation.drift) CHECK(score.shares[3].surprise == 0);
    }
    // Where there is a rhythm, the season is the better forecaster anyway; escalation has a test of its own.
    if (params.ablation.season != Ablation::Season::always && params.ablation.escalation) CHECK(differs);
    std::string blocks;
    whole.ensemble().append_blocks(whole.state(), blocks);
    CHECK(walk.ensemble().load_blocks(blocks, walk.state()).value().loaded == 0);
  }
}

TEST_CASE("without escalation an onset grows with every bucket, without memory every bucket is one") {
  const auto onsets = [](Onset::Params params) {
    Onset::State state;
    int n = 0;
    for (const double ratio : {1.0, 3.0, 3.2, 3.5, 3.0, 4.0}) {
      n += Onset(params).update(state, ratio, kStep) > 0 ? 1 : 0;
    }
    return n;
  };
  CHECK(onsets({true, true}) == 3);   // 1, 3, and 4, which is more than 1.25 times 3
  CHECK(onsets({true, false}) == 5);  // all that rise
  CHECK(onsets({false, true}) == 6);
}

TEST_CASE("counts are heard as events while few, and as a gauge once many") {
  Walk walk({EnsembleKind::count, Direction::either});
  Noise noise(5);
  Score few, many, few_again;
  for (int i = 0; i < 2000; ++i) few = walk.step(level_sample(noise.poisson(3)));
  CHECK(few.shares[0].model == ModelId::rate);
  for (int i = 0; i < 1000; ++i) many = walk.step(level_sample(noise.poisson(40)));
  CHECK(many.shares[0].model == ModelId::ewma);
  for (int i = 0; i < 200; ++i) (void)walk.step(level_sample(noise.poisson(14)));
  CHECK(walk.step(level_sample(14)).shares[0].model == ModelId::ewma);  // between 10 and 20 it stays
  for (int i = 0; i < 1000; ++i) few_again = walk.step(level_sample(noise.poisson(3)));
  CHECK(few_again.shares[0].model == ModelId::rate);
}

TEST_CASE("clean counts rarely open, and a burst or a stop of them does") {
  for (const EnsembleKind kind : {EnsembleKind::count, EnsembleKind::event}) {
    double onsets = 0, samples = 0;
    int bursts = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Walk walk({kind, Direction::either});
      Noise noise(seed);
      for (int i = 0; i < 5000; ++i) {
        onsets += walk.step(level_sample(noise.poisson(4))).onset >= kMedium ? 1 : 0;
        ++samples;
      }
      double loudest = 0;
      for (int i = 0; i < 6; ++i) loudest = std::max(loudest, walk.step(level_sample(30)).onset);
      bursts += loudest >= kMedium ? 1 : 0;
    }
    INFO("kind ", static_cast<int>(kind), ": ", 1e4 * onsets / samples);
    CHECK(1e4 * onsets / samples <= 2);
    CHECK(bursts == 20);
  }
}

TEST_CASE("a signal that stops moving is noticed, and one that rests by nature is not") {
  Walk live({EnsembleKind::stuck, Direction::low}), resting({EnsembleKind::stuck, Direction::low});
  Noise noise(6);
  double before = 0, after = 0;
  for (int i = 0; i < 3000; ++i) {
    before = std::max(before, live.step(level_sample(50 + noise.normal())).onset);
    (void)resting.step(level_sample(noise.uniform() < 0.01 ? 8 : 7));
  }
  for (int i = 0; i < 60; ++i) {
    after = std::max(after, live.step(level_sample(50.3)).onset);
    CHECK(resting.step(level_sample(7)).onset < 1.6);
  }
  CHECK(before < kMedium);
  CHECK(after >= kMedium);
}

TEST_CASE("a share that stays a little too high is drift's to find") {
  int plain = 0, full = 0;  // seeds in which it was heard
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    bool by_plain = false, by_full = false;
    Walk without({EnsembleKind::ratio, Direction::high}), with({EnsembleKind::ratio_full, Direction::high});
    Noise noise(seed);
    for (int i = 0; i < 1500 + 60; ++i) {
      const Sample sample = share_sample(noise.binomial(60, i < 1500 ? 0.03 : 0.07), 60);
      const Score a = without.step(sample), b = with.step(sample);
      if (i < 1500) continue;
      by_plain = by_plain || a.onset >= 1.6;
      by_full = by_full || b.onset >= 1.6;
    }
    plain += by_plain ? 1 : 0;
    full += by_full ? 1 : 0;
  }
  MESSAGE("heard by ratio ", plain, ", with drift ", full);
  CHECK(full >= 8);
  CHECK(plain < full);
}

TEST_CASE("to go on from every hundredth bucket equals never having stopped, for every kind") {
  for (int kind = 0; kind <= static_cast<int>(EnsembleKind::stuck); ++kind) {
    for (const Shape shape : kShapes) {
      const EnsembleParams params{static_cast<EnsembleKind>(kind), Direction::either, {}};
      Walk one(params), other(params);
      Source source(shape, 8);
      bool equal = true;
      for (int i = 0; i < 2000; ++i) {
        const double x =
            std::floor(std::fabs(source.next(static_cast<double>(i) / kDay) - (i % 333 == 0 ? 30 : 0)));
        const Sample sample = share_sample(x, 200);
        const Score a = one.step(sample), b = other.step(sample);
        equal = equal && a.sum == b.sum && a.ratio == b.ratio && a.onset == b.onset && a.p == b.p &&
                a.expected == b.expected && a.low == b.low && a.top == b.top;
        if (i % 100 != 0) continue;
        std::string blocks;
        other.ensemble().append_blocks(other.state(), blocks);
        equal = equal && other.ensemble().load_blocks(blocks, other.state()).has_value();
      }
      INFO("kind ", kind, " shape ", static_cast<int>(shape));
      CHECK(equal);
    }
  }
}

}  // namespace
}  // namespace proactive::models
