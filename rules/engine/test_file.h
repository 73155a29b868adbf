// `<rule>.test.yaml`: telemetry that a test makes up, and what the rules must do on it (rules.md 7). Plain data; whoever
// runs a Pipeline over it compares.
//
// Times are offsets from `options.start`. An entity is written type/id: device/d-1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/loader/diagnostics.h"
#include "models/base/events.h"
#include "models/base/time.h"
#include "rules/engine/episode.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

// Own text or number, since nothing here lives in a record's bytes.
using TestValue = std::variant<std::string, double, bool>;

// One record of a test in canonical fields.
struct TestRecord {
  Duration at{};       // event time
  Duration arrives{};  // when the pipeline gets it: later than `at` inside a pipeline_lag
  std::string customer;
  bool is_profile = false;  // `fields` is the profile; the rest is telemetry
  std::string signal;       // the record's signal name, e.g. "api.requests"
  std::string entity_type, entity_id;
  SignalKind kind = SignalKind::event;
  double value = 1;
  std::vector<std::pair<std::string, TestValue>> fields;  // dims, chosen so that the signal's `where` holds
};

// Telemetry of one signal: `values` one by one, `every` apart.
struct GivenSignal {
  std::string signal;  // of the catalogue
  std::vector<std::string> customers;
  std::string entity_type, entity_id;
  Duration from{}, every{};
  std::vector<std::optional<double>> values;  // nullopt: no record
  config::Place place;
};
struct GivenProfile {
  std::string customer;
  std::vector<std::pair<std::string, TestValue>> fields;
  config::Place place;
};
struct GivenLag {  // records with event time in [from, to) arrive this much later, in order
  Duration lag{}, from{}, to{};
};

struct ExpectedState {
  Duration at{};
  std::string rule, customer, entity_type, entity_id;
  EpisodeState state = EpisodeState::ok;
  std::vector<std::string> because;  // each occurs in the episode's reasons or evidence
  std::string title;                 // occurs in the outreach's title; empty: any
};
struct ExpectedNothing {  // no outreach is opened in [from, to]
  Duration from{}, to{};
  std::string rule, customer;  // empty: any
};
struct ExpectedText {  // some outreach of the rule, up to `at` if given, has these in it
  std::optional<Duration> at;
  std::string rule, customer;
  std::vector<std::string> because;
  std::string title;
};
struct ExpectedCount {
  enum class Of : std::uint8_t { outreach, episodes, decisions };  // outreach: opened
  Of of = Of::outreach;
  std::string rule;  // empty: any
  std::optional<std::int64_t> is, at_least, at_most;
};

struct Expectation {
  std::variant<ExpectedState, ExpectedNothing, ExpectedText, ExpectedCount> what;
  config::Place place;
};

struct TestCase {
  std::string name;
  config::Place place;
  Timestamp start;
  Duration lateness{};
  std::vector<GivenSignal> signals;
  std::vector<GivenProfile> profiles;
  std::vector<GivenLag> lags;
  std::vector<Expectation> expect;
};

struct TestFile {
  std::vector<std::string> rules;  // as written: relative to the test file's folder
  std::vector<TestCase> tests;
};

// Findings have the codes of rule files. nullopt when there are errors.
[[nodiscard]] std::optional<TestFile> parse_test_file(const std::string& file, std::string_view text,
                                                      config::Findings& findings);

// The records of a test in order of arrival; profiles first. Signals that the catalogue does not have are left out (lint_test.h).
[[nodiscard]] std::vector<TestRecord> records_of(const TestCase& test, const SignalCatalogue& catalogue);

// "40*3 40+0.5*4 _*2 7": v n times, a ramp v, v+d, ..., nothing n times, once. False if `text` is not such a list.
[[nodiscard]] bool expand_values(std::string_view text, std::vector<std::optional<double>>& values);

}  // namespace proactive::rules
