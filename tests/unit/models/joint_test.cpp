#include "models/detect/joint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

using namespace std::chrono_literals;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Watched {
  explicit Watched(std::size_t measures) : joint(measures), state(joint.state_bytes()) { joint.init(state); }
  JointReading see(const std::vector<double>& row, Duration elapsed = 5min) {
    return joint.update(state, row, elapsed);
  }
  Joint joint;
  std::vector<std::byte> state;
};

// Two that share a load and a third by itself.
std::vector<double> healthy(Noise& noise) {
  const double load = noise.normal();
  return {load + 0.2 * noise.normal(), 10 * load + 2 * noise.normal(), 0.01 * noise.normal()};
}

int learn(Watched& watched, Noise& noise, int rows) {
  int onsets = 0;
  for (int i = 0; i < rows; ++i) onsets += watched.see(healthy(noise)).score.onset >= 2.0 ? 1 : 0;
  return onsets;
}

TEST_CASE("the baseline is not judged, then every row is") {
  Watched watched(3);
  Noise noise(1);
  for (int i = 0; i < 100; ++i) CHECK_FALSE(watched.see(healthy(noise)).score.ready);
  CHECK(watched.see(healthy(noise)).score.ready);
  Watched wide(8);
  for (int i = 0; i < 100; ++i) CHECK_FALSE(wide.see(std::vector<double>(8, noise.normal())).score.ready);
}

TEST_CASE("healthy rows are no news: at most one onset of 2 in 10,000 rows after the first thousand") {
  int onsets = 0;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    Watched watched(3);
    Noise noise(seed);
    learn(watched, noise, 1000);
    onsets += learn(watched, noise, 2000);
  }
  CHECK(onsets <= 2);
}

TEST_CASE("values that are usual one by one and odd together are news at once, and say which") {
  Watched watched(3);
  Noise noise(3);
  learn(watched, noise, 1000);
  // The load is one deviation low for the first and one high for the second: a row that never was.
  double onset = 0;
  JointReading reading;
  for (int i = 0; i < 3; ++i) {
    reading = watched.see({-1, 10, 0.01 * noise.normal()});
    onset = std::max(onset, reading.score.onset);
  }
  CHECK(onset >= 3.0);
  CHECK(reading.score.severity > 70);
  CHECK(reading.contributors[0].column + reading.contributors[1].column == 1);  // the first two
  CHECK(reading.contributors[0].share + reading.contributors[1].share > 0.95);
  // The same sizes on the same side are a healthy row.
  Watched calm(3);
  Noise other(3);
  learn(calm, other, 1000);
  for (int i = 0; i < 3; ++i) CHECK(calm.see({1, 10, 0.01 * other.normal()}).score.ratio < 1.6);
}

TEST_CASE("a lasting oddity is not learnt while it is an alarm, and is the new normal after 500 rows") {
  Watched watched(3);
  Noise noise(5);
  learn(watched, noise, 1000);
  const auto odd = [&] {
    std::vector<double> row = healthy(noise);
    row[1] += 15;
    return row;
  };
  for (int i = 0; i < 400; ++i) {
    const double ratio = watched.see(odd()).score.ratio;
    if (i >= 10) CHECK(ratio > 1.6);
  }
  double last = 0;
  int rows = 400;
  for (int quiet = 0; quiet < 20 && rows < 3000; ++rows) {
    last = watched.see(odd()).score.ratio;
    quiet = last < 1 ? quiet + 1 : 0;
  }
  CHECK(rows > 500);
  CHECK(rows < 2000);
}

TEST_CASE("missing values are left out, and a row of them is no row") {
  Watched watched(3);
  Noise noise(7);
  learn(watched, noise, 500);
  CHECK_FALSE(watched.see({kMissing, kMissing, kMissing}).score.ready);
  CHECK(watched.see({0, kMissing, 0}).score.ready);
  CHECK_FALSE(watched.see({0, kMissing, kMissing}).score.ready);  // one alone fits with nothing
  CHECK_FALSE(watched.see({std::numeric_limits<double>::infinity(), 1e300, kMissing}).score.ready);
}

TEST_CASE("a measure that stays away does not make the one it moves with odd") {
  int onsets = 0, rows = 0;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    Watched watched(3);
    Noise noise(seed);
    learn(watched, noise, 1000);
    for (int i = 0; i < 200; ++i, ++rows) {
      std::vector<double> row = healthy(noise);
      row[0] = kMissing;
      onsets += watched.see(row).score.onset >= 2.0 ? 1 : 0;
    }
  }
  CHECK(onsets <= 1);
}

TEST_CASE("an onset is remembered in event time") {
  Watched watched(2);
  Noise noise(9);
  for (int i = 0; i < 600; ++i) {
    const double load = noise.normal();
    watched.see({load, load + 0.1 * noise.normal()});
  }
  Watched later(2);
  later.state = watched.state;
  const auto onsets = [](Watched& w, Duration step) {
    int count = 0;
    for (int i = 0; i < 60; ++i) count += w.see({1, -1}, step).score.onset >= 1.6 ? 1 : 0;
    return count;
  };
  const int soon = onsets(watched, 1min), late = onsets(later, 24h);
  CHECK(soon >= 1);
  CHECK(late > soon);
}

TEST_CASE("bytes that no rows lead to are refused") {
  Watched watched(4);
  Noise noise(11);
  for (int i = 0; i < 300; ++i) {
    watched.see({noise.normal(), noise.normal(), noise.normal(), noise.normal()});
    if (i % 100 == 0) CHECK(watched.joint.sane(watched.state));
  }
  CHECK(watched.joint.sane(watched.state));
  CHECK_FALSE(Joint(3).sane(watched.state));
  int accepted = 0;
  for (std::size_t at = 0; at + 8 <= watched.state.size(); at += 4) {
    std::vector<std::byte> broken = watched.state;
    std::fill_n(broken.begin() + static_cast<std::ptrdiff_t>(at), 8,
                std::byte{0xff});  // NaN, or a number beyond all
    if (!watched.joint.sane(broken)) continue;
    ++accepted;  // a number that may be anything, or ends below another one
    const Score score = watched.joint.update(broken, std::vector<double>{1, 2, 3, 4}, 5min).score;
    CHECK(std::isfinite(score.ratio));
  }
  CHECK(accepted < 20);
}

}  // namespace
}  // namespace proactive::models
