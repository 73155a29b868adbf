#include "models/detect/multi.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "models/detect/regimes.h"
#include "tests/unit/models/csv.h"
#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

using Row = std::vector<double>;

Row numbers(const std::vector<std::string>& cells, std::size_t from, std::size_t count) {
  Row row;
  for (std::size_t i = 0; i < count; ++i) row.push_back(number(cells[from + i]));
  return row;
}

MultiFit::Vector vector_of(const Row& row) {
  MultiFit::Vector y(static_cast<Eigen::Index>(row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) y[static_cast<Eigen::Index>(i)] = row[i];
  return y;
}

struct Learner {
  explicit Learner(std::size_t d) : cohort(d), entity(d) {}
  MultiReading learn(const Row& row) {
    const MultiReading reading = Multi().update(cohort, entity, row);
    Multi().learn(cohort, entity, row, reading, 1e15);
    return reading;
  }
  MultiCohort cohort;
  MultiEntity entity;
};

// Three columns that share a factor, and one by itself.
Row healthy(Noise& noise, double scale = 1, double level = 0) {
  const double factor = noise.normal();
  Row row;
  for (int i = 0; i < 3; ++i) row.push_back(level + scale * (0.9 * factor + 0.4 * noise.normal()));
  row.push_back(level + scale * noise.normal());
  return row;
}

std::string bytes_of(const Learner& learner) {
  std::string bytes;
  ByteWriter writer(bytes);
  learner.cohort.save(writer);
  learner.entity.save(writer);
  return bytes;
}

Learner loaded_from(const std::string& bytes, std::size_t d) {
  Learner learner(d);
  ByteReader reader(bytes);
  REQUIRE(learner.cohort.load(reader));
  REQUIRE(learner.entity.load(reader));
  REQUIRE(reader.at_end());
  return learner;
}

}  // namespace

TEST_CASE("T2, SPE, shares and shrinkage are those of numpy") {
  std::map<int, MultiMoments> moments;
  std::map<int, std::vector<Row>> base;
  int probes = 0, shrinkages = 0;
  for (const auto& cells : read_reference("multi.csv")) {
    const int set = std::atoi(cells[1].c_str());
    if (cells[0] == "base") base[set].push_back(numbers(cells, 2, cells.size() - 2));
    if (cells[0] != "oas" && cells[0] != "probe") continue;
    const std::size_t d = base[set][0].size();
    if (moments.count(set) == 0) {
      MultiMoments& all = moments.emplace(set, d).first->second;
      Row mean(d);
      all.open_group();
      for (std::size_t r = 0; r < base[set].size(); ++r) {
        Row deviation(d);
        const double n = static_cast<double>(r) + 1;
        for (std::size_t i = 0; i < d; ++i) deviation[i] = base[set][r][i] - mean[i];
        for (std::size_t i = 0; i < d; ++i) mean[i] += deviation[i] / n;
        if (r == 0) deviation.assign(d, 0);
        all.learn(base[set][r], deviation, (n - 1) / n);
      }
    }
    const MultiFit fit(moments.at(set));
    REQUIRE(fit.size() == static_cast<Eigen::Index>(d));
    if (cells[0] == "oas") {
      CHECK(fit.shrinkage() == doctest::Approx(number(cells[2])).epsilon(1e-9));
      ++shrinkages;
      continue;
    }
    const MultiFit::Vector y = vector_of(numbers(cells, 2, d));
    const MultiFit::Vector product = y.cwiseProduct(fit.whitened(y)).cwiseMax(0);
    CHECK(fit.t2(y) == doctest::Approx(number(cells[2 + d])).epsilon(1e-9));
    CHECK(fit.spe(y) == doctest::Approx(number(cells[3 + d])).epsilon(1e-9));
    for (std::size_t i = 0; i < d; ++i) {
      CHECK(product[static_cast<Eigen::Index>(i)] / product.sum() ==
            doctest::Approx(number(cells[4 + d + i])).epsilon(1e-9));
    }
    ++probes;
  }
  CHECK(probes == 12);
  CHECK(shrinkages == 3);
}

TEST_CASE("the smoothed T2 is the recursion of the header in numpy") {
  Learner learner(5);
  bool complete = false;
  int steps = 0;
  for (const auto& cells : read_reference("multi.csv")) {
    if (cells[0] == "base" && cells[1] == "0") {
      Multi().learn(learner.cohort, learner.entity, numbers(cells, 2, 5), {}, 1e15);
    }
    if (cells[0] != "step") continue;
    if (!complete) learner.cohort.renew();
    complete = true;
    const MultiReading reading = Multi().update(learner.cohort, learner.entity, numbers(cells, 1, 5));
    REQUIRE(reading.ready);
    CHECK(reading.freedom == 5);
    CHECK(reading.t2 == doctest::Approx(number(cells[6])).epsilon(1e-6));
    ++steps;
  }
  CHECK(steps == 40);
}

TEST_CASE("Wilson and Hilferty's number is near the exact one, and its inverse is exact") {
  int compared = 0;
  for (const auto& cells : read_reference("multi.csv")) {
    if (cells[0] != "normal") continue;
    const double x = number(cells[1]), freedom = number(cells[2]);
    const double exact = number(cells[3]);
    CHECK(std::fabs(gaussianised(x, freedom) - exact) < 0.2 + (freedom > 4 ? 0.03 : 0.08) * exact);
    CHECK(chi_squared_at(gaussianised(x, freedom), freedom) == doctest::Approx(x).epsilon(1e-9));
    ++compared;
  }
  CHECK(compared == 30);
}

TEST_CASE("columns that break their bond are noticed though each stays within its range") {
  Noise noise(3);
  Learner learner(4);
  for (int i = 0; i < 400; ++i) learner.learn(healthy(noise));
  learner.cohort.renew();
  double quiet = 0, broken = 0;
  for (int i = 0; i < 300; ++i)
    quiet = std::max(quiet, Multi().update(learner.cohort, learner.entity, healthy(noise)).surprise);
  MultiReading last;
  for (int i = 0; i < 30; ++i) {
    Row row = healthy(noise);
    row[1] = noise.normal();  // as loud as ever, but on its own
    last = Multi().update(learner.cohort, learner.entity, row);
    broken = std::max(broken, last.surprise);
  }
  CHECK(quiet < 3.6);
  CHECK(broken > 6);
  CHECK(last.top == MultiChannel::spread);
}

TEST_CASE("a shift of two scales in one column adds up over the rows, and the column is named") {
  Noise noise(4);
  Learner learner(4);
  for (int i = 0; i < 400; ++i) learner.learn(healthy(noise));
  learner.cohort.renew();
  MultiReading reading;
  for (int i = 0; i < 60; ++i) {
    Row row = healthy(noise);
    row[3] += 2;
    reading = Multi().update(learner.cohort, learner.entity, row);
  }
  CHECK(reading.surprise > 4);
  CHECK(reading.top == MultiChannel::level);
  CHECK(reading.contributors[0].column == 3);
  CHECK(reading.contributors[0].share > 0.5);
}

TEST_CASE("scale and offset of the columns change nothing") {
  Noise one(5), other(5);
  Learner plain(4), scaled(4);
  for (int i = 0; i < 300; ++i) {
    const MultiReading a = plain.learn(healthy(one)), b = scaled.learn(healthy(other, 1e-5, 1e3));
    CHECK(a.ready == b.ready);
    if (i > 60) CHECK(a.t2 == doctest::Approx(b.t2).epsilon(1e-3));
  }
}

TEST_CASE("a machine at a level of its own is not taken for one that moved, from its first rows on") {
  Noise noise(8);
  Learner learner(4);
  for (int i = 0; i < 300; ++i) learner.learn(healthy(noise));
  learner.cohort.renew();
  for (const double apart : {5.0, 20.0, 200.0}) {
    CAPTURE(apart);
    MultiEntity other(4);
    int odd = 0;
    for (int i = 0; i < 150; ++i) {
      Row row = healthy(noise);
      for (double& value : row) value += apart;
      if (i >= 10) odd += Multi().update(learner.cohort, other, row).surprise > 3.6 ? 1 : 0;
      Multi().learn(learner.cohort, other, row, {}, 1e15);
    }
    CHECK(odd < 14);
  }
}

TEST_CASE("rows with many missing values are no odder than complete ones") {
  Noise noise(9);
  Learner learner(4);
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 600; ++i) learner.learn(healthy(noise));
  learner.cohort.renew();
  int odd = 0;
  for (int i = 0; i < 400; ++i) {
    Row row = healthy(noise);
    if (i % 4 == 0) row[0] = row[1] = row[2] = none;
    odd += Multi().update(learner.cohort, learner.entity, row).surprise > 3.6 ? 1 : 0;
  }
  CHECK(odd < 8);
}

TEST_CASE("columns that never vary are left out, and a missing value leaves a row of the others") {
  Noise noise(6);
  Learner learner(6);
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 200; ++i) {
    Row row = healthy(noise);
    row.push_back(7);
    row.push_back(none);
    learner.learn(row);
  }
  CHECK(learner.cohort.fit.size() == 4);
  Row row = healthy(noise);
  row.push_back(1e9);
  row.push_back(3);
  MultiReading reading = Multi().update(learner.cohort, learner.entity, row);
  CHECK(reading.freedom == 4);
  CHECK(reading.present == 4);
  row[0] = none;
  reading = Multi().update(learner.cohort, learner.entity, row);
  CHECK(reading.freedom == 3);
  CHECK(reading.present == 3);
  const Row nothing(6, none);
  CHECK_FALSE(Multi().update(learner.cohort, learner.entity, nothing).ready);
}

TEST_CASE("the columns at hand are measured by their own part of R") {
  Noise noise(6);
  Learner learner(4);
  for (int i = 0; i < 500; ++i) learner.learn(healthy(noise));
  const MultiFit& fit = learner.cohort.fit;
  // The whole R, one column of its inverse's inverse at a time: R e_i.
  MultiFit::Matrix inverse(4, 4);
  for (Eigen::Index i = 0; i < 4; ++i) {
    MultiFit::Vector unit = MultiFit::Vector::Zero(4);
    unit[i] = 1;
    inverse.col(i) = fit.whitened(unit);
  }
  const Eigen::MatrixXd r = Eigen::MatrixXd(inverse).inverse();
  const Eigen::Index at[] = {0, 2, 3};
  Eigen::MatrixXd part(3, 3);
  for (Eigen::Index i = 0; i < 3; ++i) {
    for (Eigen::Index j = 0; j < 3; ++j) part(i, j) = r(at[i], at[j]);
  }
  MultiFit narrow;
  fit.narrow(at, narrow);
  REQUIRE(narrow.size() == 3);
  CHECK(narrow.column(1) == 2);
  CHECK(narrow.scale(2) == fit.scale(3));
  const Eigen::Vector3d y(1, -2, 0.5);
  CHECK(narrow.t2(y) == doctest::Approx(y.dot(part.inverse() * y)).epsilon(1e-9));
}

TEST_CASE("copies of one column, huge and tiny values stay finite") {
  for (const double scale : {1e-12, 1.0, 1e12, 1e29}) {
    CAPTURE(scale);
    Noise noise(7);
    Learner learner(8);
    for (int i = 0; i < 300; ++i) {
      const Row four = healthy(noise, scale);
      Row row = four;
      row.insert(row.end(), four.begin(), four.end());
      const MultiReading reading = learner.learn(row);
      CHECK(std::isfinite(reading.t2));
      CHECK(std::isfinite(reading.surprise));
    }
    const MultiReading far = Multi().update(learner.cohort, learner.entity, Row(8, 1e30));
    CHECK(std::isfinite(far.t2));
    CHECK(std::isfinite(far.surprise));
  }
}

TEST_CASE("a stored cohort and entity go on as if they had not been stored") {
  Noise noise(8);
  Learner whole(4), part(4);
  for (int i = 0; i < 700; ++i) {
    const Row row = healthy(noise);
    if (i % 53 == 0) part = loaded_from(bytes_of(part), 4);
    const MultiReading a = whole.learn(row), b = part.learn(row);
    CHECK(a.t2 == b.t2);
    CHECK(a.surprise == b.surprise);
  }
  CHECK(bytes_of(whole) == bytes_of(part));
}

TEST_CASE("the stored bytes of multi do not change") {
  Noise noise(2026);
  Learner learner(4);
  for (int i = 0; i < 150; ++i) learner.learn(healthy(noise));
  const std::string path = PROACTIVE_SOURCE_DIR "/tests/data/state/1/model_multi.hex";
  std::string hex;
  for (const char c : bytes_of(learner)) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
    if (hex.size() % 65 == 64) hex += '\n';
  }
  hex += '\n';
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << hex;
  std::ifstream file(path);
  const std::string stored((std::istreambuf_iterator<char>(file)), {});
  const bool unchanged = stored == hex;
  CHECK(unchanged);
}

TEST_CASE("damaged bytes are refused, not believed") {
  Noise noise(9);
  Learner learner(4);
  for (int i = 0; i < 100; ++i) learner.learn(healthy(noise));
  const std::string bytes = bytes_of(learner);
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    CAPTURE(at);
    MultiCohort cohort(4);
    MultiEntity entity(4);
    ByteReader cut(std::string_view(bytes).substr(0, at));
    CHECK_FALSE((cohort.load(cut) && entity.load(cut)));
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x7F);
    ByteReader other(changed);
    MultiCohort second(4);
    if (!second.load(other) || !entity.load(other)) continue;
    const MultiReading reading = Multi().update(second, entity, healthy(noise));
    CHECK_FALSE(std::isnan(reading.surprise));
  }
}

TEST_CASE("two halves that are merged are the whole") {
  Noise noise(10);
  MultiMoments whole(4), first(4), second(4);
  for (int i = 0; i < 200; ++i) {
    const Row row = healthy(noise), deviation = healthy(noise);
    whole.learn(row, deviation, 1);
    (i % 3 == 0 ? first : second).learn(row, deviation, 1);
  }
  first.merge(second);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(first.mean(i) == doctest::Approx(whole.mean(i)).epsilon(1e-9));
    for (std::size_t j = 0; j < 4; ++j) {
      CHECK(first.covariance(i, j) == doctest::Approx(whole.covariance(i, j)).epsilon(1e-9));
    }
  }
}

TEST_CASE("regimes are found where settings are distinct, and taken out") {
  Noise noise(11);
  Row rows;
  const auto row_of = [&](int regime) {
    return Row{10.0 * regime + 0.01 * noise.normal(), 100.0 * regime * regime + noise.normal(),
               noise.normal()};
  };
  for (int i = 0; i < 200; ++i) {
    const Row row = row_of(i * 7 % 3);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  Regimes regimes(3);
  regimes.find(rows);
  CHECK(regimes.count() == 3);
  for (int i = 0; i < 30; ++i) {
    Row row = row_of(i % 3);
    regimes.center(row);
    CHECK(std::fabs(row[1]) < 6);
  }

  std::string bytes;
  ByteWriter writer(bytes);
  regimes.save(writer);
  Regimes loaded(3);
  ByteReader reader(bytes);
  REQUIRE(loaded.load(reader));
  Row a = row_of(1), b = a;
  regimes.center(a);
  loaded.center(b);
  CHECK(a == b);
}

TEST_CASE("continuous columns are no settings, nor is a rare value") {
  Noise noise(12);
  Row rows;
  for (int i = 0; i < 300; ++i) {
    for (const double x : {noise.normal(), noise.normal(), i == 17 ? 1.0 : 0.0}) rows.push_back(x);
  }
  Regimes regimes(3);
  regimes.find(rows);
  CHECK(regimes.count() == 0);
  Row row{1, 2, 3};
  regimes.center(row);
  CHECK(row == Row{1, 2, 3});
}

}  // namespace proactive::models
