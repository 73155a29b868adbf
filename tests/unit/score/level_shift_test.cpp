// A level that moves for good: how often `score` alarms for it, and how long until the new level is normal.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/score/model_choice.h"
#include "daemon/score/series_scorer.h"
#include "models/base/math.h"

namespace proactive::daemon {
namespace {

// splitmix64; the same numbers in every build.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  double uniform() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
  }
  double normal() {
    const double radius = std::sqrt(-2 * math::log(uniform()));
    return radius * math::cos_turns(uniform());
  }

 private:
  std::uint64_t state_;
};

enum class Shape { normal, autoregressive, daily };

struct Course {
  int alarms = 0;   // times the alarm went on, within `kWatched` rows of the shift
  int settled = 0;  // rows from the shift until the alarm that it opened went off
};
constexpr int kBefore = 4000, kWatched = 1500;

Course shift_by_12(Shape shape, const char* profile, int step_s, std::uint64_t seed) {
  ModelChoice choice;
  choice.profile = profile;
  SeriesScorer scorer(*ensemble_for(choice), *Calendar::of("UTC"), Sensitivity::high);
  Noise noise(seed);
  Course course;
  double memory = 0;
  bool on = false;
  for (int i = 0; i < kBefore + kWatched; ++i) {
    const std::int64_t t = 1'767'225'600 + std::int64_t{i} * step_s;
    memory = 0.8 * memory + 0.6 * noise.normal();
    double x = 100 + (shape == Shape::autoregressive ? memory : noise.normal());
    if (shape == Shape::daily) x += 10 * math::sin_turns(static_cast<double>(t % 86400) / 86400);
    if (i >= kBefore) x += 12;
    const bool now = scorer.update(Timestamp(std::chrono::seconds(t)), {Value::Kind::number, x}).anomaly;
    if (i >= kBefore && now && !on) ++course.alarms;
    if (on && !now && course.alarms == 1 && course.settled == 0) course.settled = i - kBefore;
    on = now;
  }
  return course;
}

struct Expected {
  const char* profile;
  Shape shape;
  int step_s;
  double alarms;              // at most, a shift on average
  int first_alarm_of_ten;     // shifts heard, at least
  int settled_from, settled;  // rows: the median is between
};

}  // namespace

// The numbers are what docs/models/gauge.md says: the alarm lasts 5 hours at steps of a minute, about 15 hours at five
// minutes, two to three days at an hour. The alarms beyond one are ordinary false ones of the 1,500 rows behind it.
TEST_CASE("a level that moves for good alarms once, and the new level is normal when the docs say") {
  const Expected rows[] = {
      {"full", Shape::normal, 60, 1.2, 10, 200, 400},
      {"full", Shape::normal, 300, 1.2, 10, 120, 240},
      {"full", Shape::normal, 3600, 1.2, 10, 40, 90},
      {"full", Shape::autoregressive, 60, 1.2, 10, 200, 400},
      {"full", Shape::autoregressive, 300, 1.3, 10, 120, 240},
      {"full", Shape::daily, 300, 1.5, 10, 100, 240},
      {"slim", Shape::normal, 60, 1.2, 10, 200, 400},
      {"slim", Shape::normal, 300, 1.3, 10, 120, 320},
  };
  for (const Expected& row : rows) {
    int alarms = 0, heard = 0;
    std::vector<int> settled;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const Course course = shift_by_12(row.shape, row.profile, row.step_s, seed);
      alarms += course.alarms;
      heard += course.alarms > 0 ? 1 : 0;
      settled.push_back(course.settled);
    }
    std::sort(settled.begin(), settled.end());
    const int median = settled[settled.size() / 2];
    INFO(std::string(row.profile), " shape ", static_cast<int>(row.shape), " step ", row.step_s, ": ", alarms,
         " alarms of 10 shifts, settled after ", median, " rows");
    CHECK(heard >= row.first_alarm_of_ten);
    CHECK(alarms <= 10 * row.alarms);
    CHECK(median >= row.settled_from);
    CHECK(median <= row.settled);
  }
}

TEST_CASE("one spike holds the alarm for a few rows, and three rows of it little longer") {
  for (const int rows : {1, 3}) {
    int after = 0, heard = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      ModelChoice choice;
      SeriesScorer scorer(*ensemble_for(choice), *Calendar::of("UTC"), Sensitivity::high);
      Noise noise(seed);
      bool on = false;
      for (int i = 0; i < 2100; ++i) {
        const double x = noise.normal() + (i >= 2000 && i < 2000 + rows ? 15 : 0);
        const std::int64_t t = 1'767'225'600 + std::int64_t{i} * 300;
        on = scorer.update(Timestamp(std::chrono::seconds(t)), {Value::Kind::number, x}).anomaly;
        if (i == 1999 + rows) heard += on ? 1 : 0;
        if (i >= 2000 + rows) after += on ? 1 : 0;
      }
    }
    INFO(rows, " rows: heard ", heard, " of 20, on for ", after, " rows behind them");
    CHECK(heard == 20);
    CHECK(after <= 20 * (rows == 1 ? 5 : 7));
  }
}

}  // namespace proactive::daemon
