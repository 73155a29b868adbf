#include "models/detect/ensemble.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

constexpr EnsembleKind kKinds[] = {
    EnsembleKind::level,      EnsembleKind::seasonal_day, EnsembleKind::seasonal_week, EnsembleKind::ratio,
    EnsembleKind::gauge,      EnsembleKind::gauge_slim,   EnsembleKind::count,         EnsembleKind::event,
    EnsembleKind::ratio_full, EnsembleKind::stuck};
bool of_share(EnsembleKind kind) { return kind == EnsembleKind::ratio || kind == EnsembleKind::ratio_full; }
constexpr Direction kDirections[] = {Direction::either, Direction::high, Direction::low};

bool finite(const Score& s) {
  return std::isfinite(s.sum) && std::isfinite(s.p) && std::isfinite(s.ratio) && std::isfinite(s.onset) &&
         std::isfinite(s.severity) && std::isfinite(s.expected) && std::isfinite(s.low) &&
         std::isfinite(s.high) && s.sum >= 0 && s.p >= 0 && s.p <= 1 && s.severity >= 0 && s.severity <= 100;
}

bool equal(const Score& a, const Score& b) {
  return a.ready == b.ready && a.sum == b.sum && a.p == b.p && a.ratio == b.ratio && a.onset == b.onset &&
         a.severity == b.severity && a.direction == b.direction && a.expected == b.expected &&
         a.low == b.low && a.high == b.high && a.top == b.top && a.samples == b.samples &&
         std::equal(a.shares.begin(), a.shares.end(), b.shares.begin(),
                    [](const Contribution& x, const Contribution& y) {
                      return x.model == y.model && x.ready == y.ready && x.have == y.have &&
                             x.need == y.need && x.surprise == y.surprise;
                    });
}

std::string bytes_of(Walk& walk) {
  const std::span<std::byte> state = walk.state();
  return {reinterpret_cast<const char*>(state.data()), state.size()};
}
std::string blocks_of(Walk& walk) {
  std::string blocks;
  walk.ensemble().append_blocks(walk.state(), blocks);
  return blocks;
}

std::uint32_t blocks_in(EnsembleKind kind) {
  switch (kind) {
    case EnsembleKind::level:
      return 3;
    case EnsembleKind::seasonal_day:
    case EnsembleKind::seasonal_week:
      return 5;
    case EnsembleKind::gauge_slim:
      return 7;
    case EnsembleKind::ratio:
    case EnsembleKind::event:
      return 2;
    case EnsembleKind::ratio_full:
      return 3;
    case EnsembleKind::stuck:
      return 4;
    case EnsembleKind::gauge:
      return 9;
    case EnsembleKind::count:
      return 10;
  }
  return 0;
}

// A series that means something to every kind.
Sample mixed_sample(Noise& noise, std::int64_t i, EnsembleKind kind) {
  if (of_share(kind)) {
    const double n = 5 + static_cast<double>(i % 40);
    return share_sample(noise.binomial(static_cast<int>(n), i % 97 == 0 ? 0.7 : 0.05), n);
  }
  const double spike = i % 97 == 0 ? 30 : 0;
  return level_sample(100 + 20 * math::sin_turns(static_cast<double>(i) / 288) + 2 * noise.normal() + spike);
}

TEST_CASE("a series of each kind has the documented number of bytes") {
  CHECK(Ensemble({EnsembleKind::level, Direction::either}).state_bytes() == 88);
  CHECK(Ensemble({EnsembleKind::seasonal_day, Direction::either}).state_bytes() == 632);
  CHECK(Ensemble({EnsembleKind::seasonal_week, Direction::either}).state_bytes() == 1976);
  CHECK(Ensemble({EnsembleKind::level, Direction::either, {}, true}).state_bytes() == 240);
  CHECK(Ensemble({EnsembleKind::ratio, Direction::either}).state_bytes() == 40);
  CHECK(Ensemble({EnsembleKind::gauge, Direction::either}).state_bytes() == 2384);
  CHECK(Ensemble({EnsembleKind::gauge_slim, Direction::either}).state_bytes() == 248);
  CHECK(Ensemble({EnsembleKind::count, Direction::either}).state_bytes() == 2576);
  CHECK(Ensemble({EnsembleKind::event, Direction::either}).state_bytes() == 40);
  CHECK(Ensemble({EnsembleKind::ratio_full, Direction::either}).state_bytes() == 208);
  CHECK(Ensemble({EnsembleKind::stuck, Direction::either}).state_bytes() == 120);
}

TEST_CASE("no series, however strange, makes a score that is not finite") {
  const double inf = std::numeric_limits<double>::infinity();
  struct Row {
    const char* name;
    double (*x)(Noise&, std::int64_t);
  };
  const Row rows[] = {
      {"constant", [](Noise&, std::int64_t) { return 7.5; }},
      {"constant, then one change", [](Noise&, std::int64_t i) { return i < 1500 ? 0.1 : 0.2; }},
      {"two-valued", [](Noise&, std::int64_t i) { return static_cast<double>(i % 2); }},
      {"tiny", [](Noise& n, std::int64_t) { return 1e-12 * n.normal(); }},
      {"huge", [](Noise& n, std::int64_t) { return 1e12 * n.normal(); }},
      {"nearly too large", [](Noise& n, std::int64_t) { return 1e30 * (2 * n.uniform() - 1); }},
      {"large constant with small noise", [](Noise& n, std::int64_t) { return 1e9 + n.normal(); }},
      {"denormal", [](Noise&, std::int64_t i) { return static_cast<double>(i % 3) * 1e-310; }},
      {"silence, then a burst", [](Noise& n, std::int64_t i) { return i < 1500 ? 0 : 1e6 * n.uniform(); }},
      {"ramp", [](Noise&, std::int64_t i) { return static_cast<double>(i); }},
      {"exponential growth", [](Noise&, std::int64_t i) { return math::exp(static_cast<double>(i) / 50); }},
      {"alternating extremes", [](Noise&, std::int64_t i) { return i % 2 == 0 ? 1e29 : -1e29; }},
  };
  for (const EnsembleKind kind : kKinds) {
    for (const Direction direction : kDirections) {
      for (const Row& row : rows) {
        Walk walk({kind, direction});
        Noise noise(1);
        bool all_finite = true;
        for (int i = 0; i < 1800; ++i) {
          const double x = row.x(noise, i);
          const Score score = walk.step(of_share(kind) ? share_sample(std::fabs(x), 1e3) : level_sample(x));
          all_finite = all_finite && finite(score);
        }
        INFO(std::string(row.name), " kind ", static_cast<int>(kind));
        CHECK(all_finite);
        CHECK(finite(walk.step(level_sample(inf))));
      }
    }
  }
}

TEST_CASE("a constant series stays silent and expects its constant") {
  Walk walk({EnsembleKind::seasonal_week, Direction::either});
  Score score;
  for (int i = 0; i < 288 * 15; ++i) {
    score = walk.step(level_sample(0.1));
    CHECK(score.onset < 1.6);
  }
  CHECK(score.ready);
  CHECK(double{score.expected} == doctest::Approx(0.1));
}

TEST_CASE("what is not a number changes nothing") {
  const double bad[] = {std::nan(""), std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(), 1.1e30};
  for (const EnsembleKind kind : kKinds) {
    Walk walk({kind, Direction::either});
    Noise noise(2);
    for (int i = 0; i < 500; ++i) (void)walk.step(mixed_sample(noise, i, kind));
    const std::string before = bytes_of(walk);
    for (const double x : bad) {
      CHECK_FALSE(walk.step(share_sample(x, 10)).ready);
      CHECK(bytes_of(walk) == before);
    }
  }
}

TEST_CASE("a share that is none changes nothing") {
  Walk walk({EnsembleKind::ratio, Direction::high});
  Noise noise(2);
  for (int i = 0; i < 100; ++i) (void)walk.step(mixed_sample(noise, i, EnsembleKind::ratio));
  const std::string before = bytes_of(walk);

  CHECK_FALSE(walk.step(share_sample(11, 10)).ready);  // more failures than trials
  CHECK_FALSE(walk.step(share_sample(0, 0)).ready);    // no trials
  CHECK_FALSE(walk.step(share_sample(0, -5)).ready);
  CHECK_FALSE(walk.step(share_sample(-1, 5)).ready);
  CHECK(bytes_of(walk) == before);
}

TEST_CASE("ratio scores the window and learns the newest step") {
  Walk walk({EnsembleKind::ratio, Direction::high});
  Sample sample = share_sample(30, 100);
  sample.learn_x = 0;
  sample.learn_n = 10;
  for (int i = 0; i < 300; ++i) (void)walk.step(sample);

  const Score score = walk.step(sample);

  CHECK(double{score.expected} < 0.01);
  CHECK(score.sum > 5);
}

TEST_CASE("when the season begins to speak, the noise of what spoke before it is forgotten") {
  Walk walk({EnsembleKind::seasonal_day, Direction::high});
  Noise noise(11);
  double before = 0, after = 0;
  for (int i = 0; i < 288 * 5; ++i) {
    const double x = 100 + 50 * math::sin_turns(static_cast<double>(i) / 288) + 2 * noise.normal();
    const Score score = walk.step(level_sample(x));
    if (!score.ready || score.ratio <= 0) continue;
    if (score.top == ModelId::ewma && i < 288 * 2) before = score.sum / score.ratio;
    if (score.top == ModelId::seasonal && after == 0) after = score.sum / score.ratio;
  }
  CHECK(before < 2.3);  // two days of a quiet ewma
  CHECK(after == doctest::Approx(2.5));
}

TEST_CASE("after a year of silence the series goes on, with a level that catches up sooner") {
  Walk quiet({EnsembleKind::level, Direction::either}), gap({EnsembleKind::level, Direction::either});
  Noise noise(3);
  for (int i = 0; i < 1000; ++i) {
    const Sample sample = level_sample(40 + noise.normal());
    (void)quiet.step(sample);
    (void)gap.step(sample);
  }

  (void)quiet.step(level_sample(43));
  const Score back = gap.step_at(1000 + 365 * 288, level_sample(43));

  CHECK(finite(back));
  const double after_quiet = double{quiet.step(level_sample(43)).expected},
               after_gap = double{gap.step(level_sample(43)).expected};
  CHECK(after_gap - 40 > 5 * (after_quiet - 40));
}

TEST_CASE("the unit of a series does not matter") {
  for (const double unit : {1e-3, 1e3, 1e12}) {
    Walk one({EnsembleKind::seasonal_day, Direction::either}),
        other({EnsembleKind::seasonal_day, Direction::either});
    Noise noise(4), same_noise(4);
    for (int i = 0; i < 288 * 4; ++i) {
      Sample scaled = mixed_sample(same_noise, i, EnsembleKind::level);
      scaled.x *= unit;
      const Score a = one.step(mixed_sample(noise, i, EnsembleKind::level)), b = other.step(scaled);
      REQUIRE(a.ready == b.ready);
      CHECK(b.sum == doctest::Approx(a.sum).epsilon(0.01));
    }
  }
}

TEST_CASE("a score depends on the past alone") {
  for (const EnsembleKind kind : kKinds) {
    Walk one({kind, Direction::either}), other({kind, Direction::either});
    Noise noise(5), same_noise(5);
    for (int i = 0; i < 1000; ++i) {
      REQUIRE(equal(one.step(mixed_sample(noise, i, kind)), other.step(mixed_sample(same_noise, i, kind))));
    }
    // From here on one future differs; the scores so far were already given.
    const Score here = one.step(share_sample(3, 10));
    CHECK(equal(here, other.step(share_sample(3, 10))));
  }
}

TEST_CASE("to save, load and go on equals never having stopped, at every cut") {
  for (const EnsembleKind kind : kKinds) {
    for (int cut = 0; cut < 1200; cut += 31) {
      Walk one({kind, Direction::high}), other({kind, Direction::high});
      Noise noise(6);
      for (int i = 0; i < cut; ++i) {
        const Sample sample = mixed_sample(noise, i, kind);
        (void)one.step(sample);
        (void)other.step(sample);
      }
      const std::string blocks = blocks_of(one);
      const Result<BlockCounts> counts = other.ensemble().load_blocks(blocks, other.state());
      REQUIRE(counts.has_value());
      CHECK(counts->loaded == blocks_in(kind));
      CHECK(counts->unknown + counts->other_params + counts->damaged + counts->missing == 0);
      REQUIRE(bytes_of(other) == bytes_of(one));
      for (int i = 0; i < 100; ++i) {
        const Sample sample = mixed_sample(noise, cut + i, kind);
        REQUIRE(equal(one.step(sample), other.step(sample)));
      }
      CHECK(blocks_of(other) == blocks_of(one));
    }
  }
}

Walk warm(EnsembleKind kind) {
  Walk walk({kind, Direction::high});
  Noise noise(7);
  for (int i = 0; i < 600; ++i) (void)walk.step(mixed_sample(noise, i, kind));
  return walk;
}

TEST_CASE("a block of other parameters starts cold alone and is counted") {
  Walk walk = warm(EnsembleKind::level);
  const std::string blocks = blocks_of(walk);

  // The own noise depends on the side that may speak; level and floor do not.
  const Ensemble turned({EnsembleKind::level, Direction::low});
  std::vector<std::uint64_t> words(turned.state_bytes() / 8);
  const std::span<std::byte> state = std::as_writable_bytes(std::span(words));
  const BlockCounts counts = turned.load_blocks(blocks, state).value();

  CHECK(counts.loaded == 2);
  CHECK(counts.other_params == 1);
  CHECK(turned.params_hash() != walk.ensemble().params_hash());
}

TEST_CASE("an unknown block is skipped and counted; the pipeline's own are not") {
  Walk walk = warm(EnsembleKind::level);
  const std::string before = bytes_of(walk);
  std::string blocks = blocks_of(walk);
  blocks += std::string("\x09\x01\x02\x00\x00\x00\x00\x00xy", 10);  // id 9
  blocks += std::string("\x40\x63\x01\x00\x00\x00\x00\x00z", 9);    // id 64, whatever its version

  const BlockCounts counts = walk.ensemble().load_blocks(blocks, walk.state()).value();

  CHECK(counts.loaded == 3);
  CHECK(counts.unknown == 1);
  CHECK(bytes_of(walk) == before);
}

TEST_CASE("a block that is missing, short or full of nonsense starts cold and is counted") {
  Walk walk = warm(EnsembleKind::level);
  const std::string blocks = blocks_of(walk);

  CHECK(walk.ensemble().load_blocks("", walk.state()).value().missing == 3);
  Walk cold({EnsembleKind::level, Direction::high});
  CHECK(bytes_of(walk) == bytes_of(cold));

  std::string nan_mean = blocks;
  const double nan = std::nan("");
  std::memcpy(nan_mean.data() + 8, &nan, sizeof(nan));  // the mean of ewma
  const BlockCounts counts = walk.ensemble().load_blocks(nan_mean, walk.state()).value();
  CHECK(counts.damaged == 1);
  CHECK(counts.loaded == 2);

  std::string shorter = blocks;
  shorter[2] = static_cast<char>(shorter[2] - 1);  // the length of ewma's block
  shorter.erase(8 + 47, 1);
  CHECK(walk.ensemble().load_blocks(shorter, walk.state()).value().damaged == 1);
}

TEST_CASE("a newer block is an error, so that an older program does not destroy it") {
  Walk walk = warm(EnsembleKind::seasonal_day);
  std::string blocks = blocks_of(walk);
  blocks[1] = 2;

  const Result<BlockCounts> counts = walk.ensemble().load_blocks(blocks, walk.state());

  REQUIRE_FALSE(counts.has_value());
  CHECK(counts.error().message ==
        "model block 1 has version 2, this program reads up to 1: start the newer program");
}

TEST_CASE("damaged bytes never crash and never make a score that is not finite") {
  CHECK(rc::check([] {
    const EnsembleKind kind = kKinds[*rc::gen::inRange<std::size_t>(0, std::size(kKinds))];
    Walk walk = warm(kind);
    std::string blocks = blocks_of(walk);
    const int flips = *rc::gen::inRange(0, 40);
    for (int i = 0; i < flips; ++i) {
      blocks[*rc::gen::inRange<std::size_t>(0, blocks.size())] = *rc::gen::arbitrary<char>();
    }
    blocks.resize(blocks.size() - *rc::gen::inRange<std::size_t>(0, 20));
    (void)walk.ensemble().load_blocks(blocks, walk.state());
    Noise noise(8);
    for (int i = 0; i < 50; ++i) RC_ASSERT(finite(walk.step(mixed_sample(noise, i, kind))));
  }));
}

TEST_CASE("a state is printed as one JSON object") {
  Walk walk({EnsembleKind::ratio, Direction::high});
  CHECK(
      walk.ensemble().describe(walk.state()) ==
      R"({"ratio":{"alpha":0.5,"beta":4.5,"n":0},"noise":{"typical":2.5,"spread":0.7,"weight":15,"in_block":0},"peak":0})");

  Walk week({EnsembleKind::seasonal_week, Direction::high});
  (void)week.step(level_sample(12.5));
  const std::string text = week.ensemble().describe(week.state());
  CHECK(text.find(R"("ewma":{"mean":12.5,"deviation":0,"n":1,)") == 1);
  CHECK(text.find(R"("tod":[[0,1,1],[0,0,0],)") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '{') == std::count(text.begin(), text.end(), '}'));
}

}  // namespace
}  // namespace proactive::models
