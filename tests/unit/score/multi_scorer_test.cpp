#include "daemon/score/multi_scorer.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/score/score_table.h"

namespace proactive::daemon {
namespace {

using Kind = MultiVerdict::Kind;
using Values = std::vector<double>;

const std::vector<std::string> kColumns{"a", "b", "c"};

// Deterministic numbers, about normal.
struct Dice {
  std::uint64_t state = 1;
  double next() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      sum += static_cast<double>(state >> 33) / 2147483648.0;
    }
    return sum;
  }
};

Values healthy(Dice& dice, double level = 0) {
  const double shared = dice.next();
  return {level + shared + 0.3 * dice.next(), level - shared + 0.3 * dice.next(), level + dice.next()};
}

std::string scored(const std::string& csv, const std::string& entity) {
  std::istringstream in(csv);
  std::ostringstream out, said;
  Remarks remarks(said, "x.csv");
  TableReader reader(in, entity);
  if (const auto begun = reader.begin(); !begun) {
    static_cast<void>(end_with(remarks, begun.error()));
    return said.str();
  }
  MultiScorer scorer(reader.columns(), {2, Sensitivity::high});
  TableWriter writer(out, entity, false);
  const auto result = score_table(reader, scorer, writer, remarks, false);
  writer.flush();
  return out.str() + (result ? "" : "failed: ") + said.str();
}

}  // namespace

TEST_CASE("the baseline is learnt and not judged, what follows is judged and not learnt") {
  MultiScorer scorer(kColumns, {100, Sensitivity::high});
  Dice dice;
  for (int i = 0; i < 100; ++i) CHECK(scorer.update("", healthy(dice)).kind == Kind::warmup);
  const std::string learnt = [&] {
    std::string bytes;
    ByteWriter writer(bytes);
    scorer.cohort().save(writer);
    return bytes;
  }();
  int alarms = 0;
  for (int i = 0; i < 200; ++i) alarms += scorer.update("", healthy(dice)).anomaly ? 1 : 0;
  CHECK(alarms == 0);
  // A drift so slow that a model that learns would follow it.
  bool noticed = false;
  for (int i = 0; i < 1000; ++i) noticed = scorer.update("", healthy(dice, 0.003 * i)).anomaly || noticed;
  CHECK(noticed);
  std::string after;
  ByteWriter writer(after);
  scorer.cohort().save(writer);
  CHECK(after == learnt);
}

TEST_CASE("without a baseline given, a lasting change alarms and becomes normal") {
  MultiScorer scorer(kColumns, {{}, Sensitivity::high});
  Dice dice;
  for (int i = 0; i < 400; ++i) static_cast<void>(scorer.update("", healthy(dice)));
  bool noticed = false, on = false;
  for (int i = 0; i < 3000; ++i) {
    on = scorer.update("", healthy(dice, 3)).anomaly;
    noticed = noticed || on;
  }
  CHECK(noticed);
  CHECK_FALSE(on);
}

TEST_CASE("behind the baselines the order of entities does not matter") {
  std::array<MultiScorer, 2> scorers{MultiScorer(kColumns, {50, Sensitivity::high}),
                                     MultiScorer(kColumns, {50, Sensitivity::high})};
  Dice dice;
  std::vector<Values> one, other;
  for (int i = 0; i < 50; ++i) {
    for (const char* entity : {"one", "other"}) {
      const Values row = healthy(dice, entity[1] == 'n' ? 0 : 5);
      for (MultiScorer& scorer : scorers) CHECK(scorer.update(entity, row).kind == Kind::warmup);
    }
  }
  for (int i = 0; i < 100; ++i) {
    one.push_back(healthy(dice));
    other.push_back(healthy(dice, 5));
  }
  std::vector<double> consecutive, interleaved(200);
  for (const Values& row : one) consecutive.push_back(scorers[0].update("one", row).reading.t2);
  for (const Values& row : other) consecutive.push_back(scorers[0].update("other", row).reading.t2);
  for (std::size_t i = 0; i < 100; ++i) {
    interleaved[100 + i] = scorers[1].update("other", other[i]).reading.t2;
    interleaved[i] = scorers[1].update("one", one[i]).reading.t2;
  }
  CHECK(consecutive == interleaved);
}

TEST_CASE("a stored run of one entity goes on as one run, also in the midst of the baseline's learning") {
  for (const std::optional<std::uint64_t> baseline : {std::optional<std::uint64_t>(80), {}}) {
    MultiScorer whole(kColumns, {baseline, Sensitivity::high}), part(kColumns, {baseline, Sensitivity::high});
    Dice dice;
    for (int i = 0; i < 600; ++i) {
      const Values row = healthy(dice, i > 500 ? 2 : 0);
      if (i >= 90 && i % 41 == 0) {
        MultiScorer loaded(kColumns, {baseline, Sensitivity::high});
        REQUIRE(loaded.load(part.save()));
        part = loaded;
      }
      const MultiVerdict a = whole.update("", row), b = part.update("", row);
      CHECK(a.reading.t2 == b.reading.t2);
      CHECK(a.anomaly == b.anomaly);
      CHECK(a.kind == b.kind);
    }
  }
}

TEST_CASE("a cohort from a state judges new entities from their first row on") {
  MultiScorer taught(kColumns, {200, Sensitivity::high});
  Dice dice;
  for (int i = 0; i < 200; ++i) static_cast<void>(taught.update("first", healthy(dice)));
  MultiScorer scorer(kColumns, {{}, Sensitivity::high});
  REQUIRE(scorer.load(taught.save()));
  CHECK(scorer.update("new", healthy(dice)).kind == Kind::scored);

  MultiScorer others({"a", "b", "d"}, {{}, Sensitivity::high});
  CHECK(others.load(taught.save()).error().message == "the state is of other columns");
  const std::string bytes = taught.save();
  for (std::size_t cut = 0; cut < bytes.size(); cut += 11) CHECK_FALSE(scorer.load(bytes.substr(0, cut)));
}

TEST_CASE("each row of a table is a row out, with entity and timestamp as they stood") {
  const std::string out = scored(
      "timestamp,unit,a,b\n"
      "1,\"x,1\",1,2\n"
      "2,\"x,1\",2,1\n"
      "3,\"x,1\",,\n"
      "4,\"x,1\",1\n"
      "5,\"x,1\",many,1\n",
      "Unit");
  CHECK(out ==
        "Unit,timestamp,value,score,p_value,severity,anomaly,expected,low,high,model,contributors\n"
        "\"x,1\",1,,0,1,0,false,,,,warmup,\n"
        "\"x,1\",2,,0,1,0,false,,,,warmup,\n"
        "\"x,1\",3,,0,1,0,false,,,,warmup,\n"
        "\"x,1\",4,,0,1,0,false,,,,rejected,\n"
        "\"x,1\",5,,0,1,0,false,,,,rejected,\n"
        "x.csv:5: rejected: 3 fields instead of 4\n"
        "x.csv:6: rejected: column 'a' holds 'many', not a number\n"
        "x.csv: no row was judged: a baseline needs at least 8 rows and a column that varies in them\n");
}

TEST_CASE("a table that can't be scored says which line and what to do") {
  CHECK(scored("timestamp,a\n1,ok\n", "")
            .find("failed: x.csv:2: column 'a' holds 'ok', not a number; leave the column out") !=
        std::string::npos);
  CHECK(scored("timestamp,a\n", "unit")
            .find("x.csv:1: there is no column 'unit' for --entity among 'timestamp', 'a'") == 0);
  CHECK(scored("timestamp\n", "").find("x.csv:1: there is no column to be scored") == 0);
  std::string wide = "timestamp";
  for (int i = 0; i < 65; ++i) wide += ",c" + std::to_string(i);
  CHECK(scored(wide + "\n", "").find("x.csv:1: 65 columns to be scored; at most 64") == 0);
}

}  // namespace proactive::daemon
