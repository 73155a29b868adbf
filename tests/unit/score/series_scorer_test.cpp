#include "daemon/score/series_scorer.h"

#include <doctest/doctest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include "daemon/score/model_choice.h"
#include "daemon/score/row_reader.h"
#include "daemon/score/row_writer.h"
#include "daemon/score/score_rows.h"

namespace proactive::daemon {
namespace {

using Kind = RowVerdict::Kind;

SeriesScorer scorer_of(const char* profile, const char* model = "") {
  ModelChoice choice;
  choice.model = model;
  choice.profile = profile;
  return SeriesScorer(*ensemble_for(choice), *Calendar::of("UTC"), Sensitivity::high);
}
Value number(double x) { return {Value::Kind::number, x}; }
Timestamp minute(int i) { return Timestamp(std::chrono::minutes(5 * i)); }
// Deterministic, without a period.
double wobble(int i) { return static_cast<double>((i * 7919 + i * i % 251) % 1009) / 1009; }

std::string scored(const std::string& csv, std::string* remarks = nullptr,
                   RowFormat format = RowFormat::csv) {
  std::istringstream in(csv);
  std::ostringstream out, said;
  RowReader reader(in, format);
  SeriesScorer scorer = scorer_of("full");
  RowWriter writer(out, {format, ScoreColumn::onset, false});
  Remarks to(said, "x.csv");
  const auto result = score_rows(reader, scorer, writer, to, false);
  writer.flush();
  if (remarks != nullptr) *remarks = said.str();
  return result ? out.str() : "failed\n" + said.str();
}

}  // namespace

TEST_CASE("a spike is an anomaly from its row on, and not before") {
  SeriesScorer scorer = scorer_of("slim");
  for (int i = 0; i < 500; ++i) CHECK_FALSE(scorer.update(minute(i), number(100 + wobble(i))).anomaly);

  const RowVerdict spike = scorer.update(minute(500), number(150));

  CHECK(spike.kind == Kind::scored);
  CHECK(spike.anomaly);
  CHECK(spike.score.direction == Direction::high);
}

TEST_CASE("missing and infinite values leave the models as they are") {
  SeriesScorer with = scorer_of("full"), without = scorer_of("full");
  for (int i = 0; i < 300; ++i) {
    const double x = 10 + wobble(i);
    if (i % 10 == 5) {
      CHECK(with.update(minute(2 * i), {Value::Kind::missing, 0}).kind == Kind::missing);
      CHECK(with.update(minute(2 * i), {Value::Kind::infinite, 0}).kind == Kind::rejected);
      CHECK(with.skip().kind == Kind::rejected);
      CHECK(without.update(minute(2 * i), {Value::Kind::missing, 0}).kind == Kind::missing);
      continue;
    }
    const RowVerdict a = with.update(minute(2 * i), number(x)), b = without.update(minute(2 * i), number(x));
    CHECK(a.score.sum == b.score.sum);
    CHECK(a.anomaly == b.anomaly);
  }
}

TEST_CASE("a file may begin with rows that have no value") {
  SeriesScorer scorer = scorer_of("full");
  CHECK(scorer.update(minute(7), {Value::Kind::missing, 0}).kind == Kind::missing);
  CHECK(scorer.update(minute(8), {Value::Kind::infinite, 0}).kind == Kind::rejected);
  CHECK(scorer.update(minute(9), number(1)).kind == Kind::warmup);
  CHECK(scorer.update(minute(2), {Value::Kind::missing, 0}).kind == Kind::missing);
  CHECK(scorer.update(minute(3), number(1)).kind == Kind::warmup);
}

TEST_CASE("rows that go back in time are counted and scored as the next step") {
  SeriesScorer scorer = scorer_of("slim");
  for (int i = 0; i < 100; ++i) static_cast<void>(scorer.update(minute(i ^ 1), number(wobble(i))));
  CHECK(scorer.unordered_rows() == 50);
}

TEST_CASE("a run that is stored and continued is one run") {
  for (const auto& [profile, model] : {std::pair{"slim", ""},
                                       {"full", ""},
                                       {"full", "seasonal"},
                                       {"full", "stuck"},
                                       {"full", "rate"},
                                       {"slim", "jump"},
                                       {"full", "drift"}}) {
    CAPTURE(model);
    SeriesScorer whole = scorer_of(profile, model);
    SeriesScorer part = scorer_of(profile, model);
    for (int i = 0; i < 3000; ++i) {
      const double x = 100 + 10 * wobble(i) + (i % 288 < 100 ? 30 : 0) + (i % 1000 > 990 ? 80 : 0);
      if (i % 137 == 0) {
        SeriesScorer loaded = scorer_of(profile, model);
        REQUIRE(loaded.load(part.save()));
        part = loaded;
      }
      const RowVerdict a = whole.update(minute(i), number(x)), b = part.update(minute(i), number(x));
      CHECK(a.score.sum == b.score.sum);
      CHECK(a.score.onset == b.score.onset);
      CHECK(a.anomaly == b.anomaly);
    }
    CHECK(whole.save() == part.save());
  }
}

TEST_CASE("a model that runs alone speaks alone") {
  SeriesScorer jump = scorer_of("full", "jump"), drift = scorer_of("full", "drift");
  int jumps = 0, drifts = 0;
  for (int i = 0; i < 1000; ++i) {
    const double x = 100 + wobble(i) + (i == 900 ? 30 : 0);
    const RowVerdict a = jump.update(minute(i), number(x)), b = drift.update(minute(i), number(x));
    if (a.kind == Kind::scored) jumps += a.score.top == ModelId::jump ? 1 : 1000;
    if (b.kind == Kind::scored) drifts += b.score.top == ModelId::drift ? 1 : 1000;
    if (i == 900) CHECK(a.anomaly);
  }
  CHECK(jumps > 900);
  CHECK(jumps < 1000);
  CHECK(drifts > 800);
  CHECK(drifts < 1000);
}

TEST_CASE("counts are no numbers below zero, and no value is beyond 1e30") {
  ModelChoice choice;
  choice.kind = "count";
  SeriesScorer counts(*ensemble_for(choice), *Calendar::of("UTC"), Sensitivity::high);
  CHECK(counts.update(minute(0), number(-1)).kind == Kind::rejected);
  bool noticed = false;
  for (int i = 1; i < 600; ++i) {
    const RowVerdict verdict = counts.update(minute(i), number(i % 3 + (i == 590 ? 40 : 0)));
    CHECK(verdict.kind != Kind::rejected);
    if (i == 590) noticed = verdict.anomaly;
  }
  CHECK(noticed);
  SeriesScorer gauge = scorer_of("full");
  CHECK(gauge.update(minute(0), number(1e31)).kind == Kind::rejected);
}

TEST_CASE("a state of other models, or a damaged one, is refused") {
  SeriesScorer full = scorer_of("full"), slim = scorer_of("slim");
  static_cast<void>(full.update(minute(0), number(1)));
  const std::string bytes = full.save();
  CHECK(slim.load(bytes).error().message.find("of other models") != std::string::npos);
  CHECK_FALSE(full.load("something else"));
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
    CAPTURE(cut);
    CHECK_FALSE(full.load(bytes.substr(0, cut)));
  }
  CHECK(full.load(bytes));
}

TEST_CASE("each row in is a row out, with timestamp and value as they stood") {
  const std::string out = scored(
      "value, Timestamp ,note\r\n"
      " 1.50,2026-01-01 00:00:00,\r\n"
      "\"2,5\",2026-01-01 00:05:00,x\n"
      "NaN,2026-01-01T00:10:00Z,\n"
      "inf,1767226500,\n"
      "1,,\n"
      "1,2026-01-01 00:15:00\n"
      "3,2026-01-01 00:20:00,\"a\n");
  CHECK(out ==
        "timestamp,value,score,p_value,severity,anomaly,expected,low,high,model\n"
        "2026-01-01 00:00:00, 1.50,0,1,0,false,,,,warmup\n"
        "2026-01-01 00:05:00,\"2,5\",0,1,0,false,,,,rejected\n"
        "2026-01-01T00:10:00Z,NaN,0,1,0,false,,,,missing\n"
        "1767226500,inf,0,1,0,false,,,,rejected\n"
        ",1,0,1,0,false,,,,rejected\n"
        "2026-01-01 00:15:00,1,0,1,0,false,,,,rejected\n"
        "\"3,2026-01-01 00:20:00,\"\"a\",,0,1,0,false,,,,rejected\n");
}

TEST_CASE("a file that can't be read as rows says which line and what to write") {
  struct Case {
    const char* text;
    const char* words;
  };
  const Case cases[] = {
      {"", "x.csv:1: the file is empty"},
      {"\n\n", "x.csv:1: the file is empty"},
      {"2026-01-01 00:00:00,1\n", "x.csv:1: this looks like data; the first line must be the header"},
      {"timestamp,cpu\n", "x.csv:1: there is no column 'value' among 'timestamp', 'cpu'"},
      {"time,value\n", "x.csv:1: there is no column 'timestamp' among 'time', 'value'"},
      {"timestamp;value\n", "x.csv:1: the fields are separated by ';'; write commas"},
      {"timestamp,value,Value\n", "x.csv:1: two columns are called 'Value'"},
      {"\"timestamp,value\n", "x.csv:1: a quote in the header is not closed"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(scored(c.text).find(c.words) != std::string::npos);
  }
  CHECK(scored("timestamp,value\n") ==
        "timestamp,value,score,p_value,severity,anomaly,expected,low,high,model\n");
}

TEST_CASE("remarks name the line, and only the first ten are shown") {
  std::string csv = "timestamp,value\n", remarks;
  for (int i = 0; i < 30; ++i) csv += std::to_string(i) + ",many\n";
  static_cast<void>(scored(csv, &remarks));
  CHECK(remarks.find("x.csv:2: rejected: 'many' is not a number") != std::string::npos);
  CHECK(remarks.find("x.csv:12:") == std::string::npos);
  CHECK(remarks.find("x.csv: 20 more remarks") != std::string::npos);
}

TEST_CASE("NDJSON rows echo their tokens and stay JSON when they are damaged") {
  const std::string out = scored(
      "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"value\":1.50}\n"
      "{\"value\" : 2e0 , \"timestamp\" : 1767226500, \"x\":{}}\n"
      "{\"timestamp\":1767226800,\"value\":null}\n"
      "{\"timestamp\":1767226800,\"value\":\"many\"}\n"
      "{\"timestamp\":1767226800}\n"
      "{\"timestamp\":1767226800,\"value\":12abc}\n"
      "[]\n",
      nullptr, RowFormat::ndjson);
  const std::string rest =
      R"("score":0,"p_value":1,"severity":0,"anomaly":false,"expected":null,"low":null,"high":null,"model":)";
  CHECK(out == R"({"timestamp":"2026-01-01T00:00:00Z","value":1.50,)" + rest + "\"warmup\"}\n" +
                   R"({"timestamp":1767226500,"value":2e0,)" + rest + "\"warmup\"}\n" +
                   R"({"timestamp":1767226800,"value":null,)" + rest + "\"missing\"}\n" +
                   R"({"timestamp":1767226800,"value":"many",)" + rest + "\"rejected\"}\n" +
                   R"({"timestamp":1767226800,"value":null,)" + rest + "\"rejected\"}\n" +
                   R"({"timestamp":null,"value":null,)" + rest + "\"rejected\"}\n" +
                   R"({"timestamp":null,"value":null,)" + rest + "\"rejected\"}\n");
}

TEST_CASE("an unknown model is answered with the nearest name and the list") {
  ModelChoice choice;
  choice.model = "ewna";
  const auto params = ensemble_for(choice);
  REQUIRE_FALSE(params);
  CHECK(params.error().message.find(
            "unknown model 'ewna': did you mean 'ewma'? Models: ewma, seasonal, jump, drift, stuck, rate") ==
        0);
  choice.model = "multi";
  CHECK(ensemble_for(choice).error().message == "'multi' can't score one column: give --multivariate");
}

}  // namespace proactive::daemon
