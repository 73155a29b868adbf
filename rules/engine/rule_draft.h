// A rule as its author wrote it: shape and values checked, names not yet looked up, each with its place for findings.
//
// Drafts live between parse_rule and compile_rules. A value that is missing here was either not written or already has
// its finding; nobody reports it a second time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/loader/decode_fields.h"
#include "config/loader/diagnostics.h"
#include "rules/engine/rule.h"

namespace proactive::rules {

// No window, clock or silence may look back further.
inline constexpr Duration kLongestHistory = std::chrono::hours(35 * 24);

template <class T>
struct Written {
  T value{};
  config::Place place;
};

using WrittenName = Written<std::string>;

struct MeasureDraft {
  WrittenName name;
  MeasureFunction function = MeasureFunction::count;
  WrittenName signal;                      // ratio: the numerator; empty: has a finding
  std::optional<WrittenName> denominator;  // ratio only
  Written<Duration> over;
  std::optional<Written<Duration>> step;  // as written
  std::vector<std::pair<WrittenName, double>> needs;
};

struct LimitDraft {
  std::variant<config::Quantity, std::string> value;  // a profile field without "customer."
  config::Place place;
};

struct ThresholdDraft {
  bool above = true;
  std::optional<LimitDraft> open, clear;
};

struct UnusualDraft {
  bool stuck = false;
  ModelSet models = ModelSet::level;
  Repeats repeats = Repeats::news;
  std::optional<config::Place> repeats_place;  // if written
  Direction direction = Direction::either;
  Season season = Season::none;
  double theta = 2.0;
  bool has_min_delta = false;
  std::vector<WrittenName> of_value;  // keys that speak of the value's level, which `stuck` does not look at
  std::optional<Written<config::Quantity>> min_absolute;
  Written<double> min_relative;
  config::Place place;
};

struct ReachesDraft {
  std::optional<LimitDraft> limit;
  bool from_below = true;
  Written<Duration> within;
  double confidence = 0.8;
  config::Place place;
};

struct TogetherDraft {
  std::vector<WrittenName> measures;
  Season season = Season::none;
  double theta = 2.0;
  config::Place place;
};

struct MissingDraft {
  WrittenName signal;
  Written<Duration> for_longer_than;
  Written<Duration> once_seen_within;
  bool unless_pipeline_late = true;
};

struct LeafDraft {
  WrittenName id;
  std::optional<WrittenName> measure;  // not for `missing` and `unusual_together`
  std::variant<ThresholdDraft, UnusualDraft, ReachesDraft, TogetherDraft, MissingDraft> test;
};

struct ConditionDraft {
  Condition::Op op = Condition::Op::all;
  std::vector<LeafDraft> leaves;
  std::vector<Condition::Group> groups;
  bool complete = true;  // false: some condition could not be read and is left out
};

struct OutreachDraft {
  std::string audience;
  config::Place place;
  std::optional<Written<std::string>> title, advice, playbook;
  std::optional<Written<Duration>> cooldown;  // as written
};

struct PredicateDraft {
  Predicate predicate;
  config::Place place;  // of the field's name
};

struct RuleDraft {
  WrittenName name;
  std::string summary, category, digest;
  WrittenName per;
  std::vector<PredicateDraft> only_for;
  std::vector<MeasureDraft> measures;
  ConditionDraft when;
  Written<Duration> hold, keep_firing_for;
  Written<NoData> no_data;
  std::optional<bool> on_close;  // nullopt: auto
  config::Place evaluate_place;
  Severity severity = Severity::medium;
  std::optional<OutreachDraft> outreach;
  Written<Rollout> rollout;
  bool has_test = false;  // a <file>.test.yaml stands beside it
};

}  // namespace proactive::rules
