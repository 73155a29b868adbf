#include <doctest/doctest.h>
#include <re2/re2.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "rules/engine/rule.h"

namespace proactive::rules {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Predicate predicate(PredicateOp op, std::vector<std::variant<std::string, double, bool>> values) {
  Predicate made{"status", op, std::move(values), nullptr};
  if (op == PredicateOp::matches)
    made.regex = std::make_shared<re2::RE2>(std::get<std::string>(made.values.front()));
  return made;
}

Signal signal_of(CatalogueKind kind, std::string field = {}, double low = -kInfinity,
                 double high = kInfinity) {
  Signal signal;
  signal.type = 3;
  signal.kind = kind;
  signal.field = std::move(field);
  signal.range_low = low;
  signal.range_high = high;
  return signal;
}

TelemetryEvent event_of(SignalKind kind, double value) {
  TelemetryEvent event;
  event.type = 3;
  event.kind = kind;
  event.value = value;
  return event;
}

TEST_CASE(
    "predicates compare without changing types, and a missing field satisfies none but `present: false`") {
  using Op = PredicateOp;
  struct Row {
    Predicate test;
    std::optional<ScalarValue> value;
    bool holds;
  };
  const ScalarValue text = std::string_view("failed"), number = 503.0, digits = std::string_view("503"),
                    yes = true;
  const Row rows[] = {
      {predicate(Op::is, {std::string("failed")}), text, true},
      {predicate(Op::is, {std::string("fail")}), text, false},
      {predicate(Op::is, {503.0}), number, true},
      {predicate(Op::is, {503.0}), digits, false},  // the text "503" is not the number
      {predicate(Op::is, {true}), yes, true},
      {predicate(Op::is, {false}), yes, false},
      {predicate(Op::is, {503.0}), std::nullopt, false},
      {predicate(Op::is_not, {std::string("failed")}), text, false},
      {predicate(Op::is_not, {503.0}), digits, true},
      {predicate(Op::is_not, {503.0}), std::nullopt, false},  // missing is no answer
      {predicate(Op::in, {std::string("lost"), std::string("failed")}), text, true},
      {predicate(Op::in, {std::string("lost"), 503.0}), number, true},
      {predicate(Op::in, {std::string("lost")}), text, false},
      {predicate(Op::not_in, {std::string("lost")}), text, true},
      {predicate(Op::not_in, {std::string("lost")}), std::nullopt, false},
      {predicate(Op::at_least, {503.0}), number, true},
      {predicate(Op::at_least, {503.5}), number, false},
      {predicate(Op::at_least, {1.0}), digits, false},
      {predicate(Op::at_most, {503.0}), number, true},
      {predicate(Op::at_most, {502.0}), number, false},
      {predicate(Op::prefix, {std::string("fai")}), text, true},
      {predicate(Op::prefix, {std::string("ail")}), text, false},
      {predicate(Op::matches, {std::string("fa.*d")}), text, true},
      {predicate(Op::matches, {std::string("fa")}), text, false},  // the whole value has to match
      {predicate(Op::matches, {std::string("5..")}), number, false},
      {predicate(Op::present, {true}), text, true},
      {predicate(Op::present, {true}), std::nullopt, false},
      {predicate(Op::present, {false}), std::nullopt, true},
      {predicate(Op::present, {false}), text, false},
  };
  int index = 0;
  for (const Row& row : rows) {
    CAPTURE(index++);
    CHECK(row.test.holds(row.value ? &*row.value : nullptr) == row.holds);
  }
}

TEST_CASE("a signal is its event type and all of its predicates on dims") {
  Signal signal = signal_of(CatalogueKind::count);
  signal.where.push_back(predicate(PredicateOp::at_least, {500.0}));
  signal.where.push_back({"region", PredicateOp::is, {std::string("eu")}, nullptr});
  const Dim both[] = {{"status", 503.0}, {"region", std::string_view("eu")}};
  const Dim other_region[] = {{"status", 503.0}, {"region", std::string_view("us")}};

  TelemetryEvent event = event_of(SignalKind::count, 1);
  CHECK_FALSE(signal.matches(event));
  event.dims = other_region;
  CHECK_FALSE(signal.matches(event));
  event.dims = both;
  CHECK(signal.matches(event));
  event.type = 4;
  CHECK_FALSE(signal.matches(event));
}

TEST_CASE("the value of an event depends on what the catalogue calls it") {
  struct Row {
    Signal signal;
    TelemetryEvent event;
    std::optional<double> value;
  };
  const Row rows[] = {
      {signal_of(CatalogueKind::count), event_of(SignalKind::count, 7), 7},  // seven occurrences
      {signal_of(CatalogueKind::count), event_of(SignalKind::delta, 7), 7},  // likewise
      {signal_of(CatalogueKind::count), event_of(SignalKind::gauge, 7),
       1},  // one event that happens to have a value
      {signal_of(CatalogueKind::count), event_of(SignalKind::event, 7), 1},  // likewise
      {signal_of(CatalogueKind::count, {}, 0), event_of(SignalKind::count, -1),
       std::nullopt},                                                        // outside the range
      {signal_of(CatalogueKind::event), event_of(SignalKind::event, 7), 1},  // a happening is one happening
      {signal_of(CatalogueKind::gauge), event_of(SignalKind::gauge, 7), 7},
      {signal_of(CatalogueKind::gauge, {}, 0, 5), event_of(SignalKind::gauge, 7), std::nullopt},
      {signal_of(CatalogueKind::gauge, {}, 0, 7), event_of(SignalKind::gauge, 7),
       7},  // bounds belong to the range
      {signal_of(CatalogueKind::counter), event_of(SignalKind::cumulative, 7), 7},
      {signal_of(CatalogueKind::gauge), event_of(SignalKind::gauge, std::nan("")), std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.signal.kind));
    CHECK(row.signal.value_of(row.event) == row.value);
  }
}

TEST_CASE("a gauge reads the dim it names, and nothing where that is missing or a text") {
  const Signal signal = signal_of(CatalogueKind::gauge, "battery_pct");
  const Dim number[] = {{"battery_pct", 42.0}};
  const Dim text[] = {{"battery_pct", std::string_view("42")}};
  TelemetryEvent event = event_of(SignalKind::gauge, 7);

  CHECK(signal.value_of(event) == std::nullopt);
  event.dims = text;
  CHECK(signal.value_of(event) == std::nullopt);
  event.dims = number;
  CHECK(signal.value_of(event) == 42);
}

}  // namespace
}  // namespace proactive::rules
