// A compiled rule set as plain data: what parse_rule makes of YAML and what the pipeline runs. Immutable once built.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "models/base/events.h"
#include "models/base/score.h"
#include "models/base/time.h"

namespace re2 {
class RE2;
}

namespace proactive::rules {

using TypeIndex = std::uint16_t;       // of RuleSet::event_types
using SignalIndex = std::uint16_t;     // of RuleSet::signals
using MeasureIndex = std::uint16_t;    // of RuleSet::measures
using RuleIndex = std::uint16_t;       // of RuleSet::rules
using EntityTypeIndex = std::uint8_t;  // of RuleSet::entity_types; 0 is the customer itself

// ---- signals --------------------------------------------------------------------------------------------------------

enum class PredicateOp : std::uint8_t { is, is_not, in, not_in, at_least, at_most, prefix, matches, present };

// One test of a dim (signals) or of a profile field (only_for). A missing field: false (`present: false` is true).
struct Predicate {
  std::string field;
  PredicateOp op = PredicateOp::is;
  std::vector<std::variant<std::string, double, bool>> values;
  std::shared_ptr<const re2::RE2> regex;  // matches

  [[nodiscard]] bool holds(const ScalarValue* value) const;  // nullptr: the field is missing
};

enum class CatalogueKind : std::uint8_t { count, gauge, counter, event };
enum class Unit : std::uint8_t { count, percent, celsius, bytes, ms, s, per_s, none };

struct Signal {
  std::string name;
  TypeIndex type = 0;
  CatalogueKind kind = CatalogueKind::count;
  std::string field;  // empty: the event's value, else a dim
  std::vector<Predicate> where;
  Unit unit = Unit::count;
  double range_low, range_high;  // inclusive; infinite when not given

  [[nodiscard]] bool matches(const TelemetryEvent& event) const;
  // gauge, counter: the field's number; count: the event's value when its kind is count or delta, else 1; event: 1.
  // nullopt: missing, not a number, or outside the range.
  [[nodiscard]] std::optional<double> value_of(const TelemetryEvent& event) const;
};

struct EntityType {
  std::string name;     // "customer" at index 0
  std::string key_dim;  // the dim that holds the id when the record has no `entity`
};

// ---- measures -------------------------------------------------------------------------------------------------------

// together: no value of its own, but how unusual several measures are as one.
enum class MeasureFunction : std::uint8_t {
  count,
  sum,
  mean,
  min,
  max,
  last,
  rate,
  ratio,
  missing,
  together
};
enum class Season : std::uint8_t { none, day, week };
// What a measure's series keeps beside its buckets. level: what `unusual` compares with; stuck: for `unusual: stuck`; trend:
// for `reaches`.
enum class Modelling : std::uint8_t { none, level, stuck, trend };
enum class ModelSet : std::uint8_t { level, full };
// Whether a value that this series has shown before is news each time, however far from the usual.
enum class Repeats : std::uint8_t { news, familiar };

// One shared series layout: what the pipeline keeps per (customer, entity). Equal measures of several rules are one.
// `missing` measures hold only when the signal was last seen, `together` what their members' models did not expect.
struct Measure {
  std::uint64_t hash = 0;  // of all fields below: the identity of its state
  std::string hash_hex;    // 16 digits, as in state keys
  MeasureFunction function = MeasureFunction::count;
  EntityTypeIndex per = 0;
  SignalIndex signal = 0;          // ratio: the numerator
  SignalIndex denominator = 0;     // ratio only
  Duration over{};                 // window; for `missing`: for_longer_than
  Duration step{};                 // bucket; over is a multiple of it
  std::uint32_t needs_signal = 0;  // fewer records of `signal` in the window: unknown
  double needs_denominator = 0;    // ratio: a smaller denominator in the window: unknown
  Modelling modelling = Modelling::none;
  ModelSet models = ModelSet::level;
  Repeats repeats = Repeats::news;
  Season season = Season::none;
  Direction direction = Direction::either;
  Unit unit = Unit::count;            // of the value: ratio is a share (none), rate is per_s
  std::string signal_name;            // for evidence and state dumps
  std::vector<MeasureIndex> members;  // together: lower indexes than its own, of the same entities and step

  // Its models know hours of the customer's day.
  [[nodiscard]] bool in_local_time() const {
    return modelling == Modelling::level && function != MeasureFunction::ratio &&
           (season != Season::none || models == ModelSet::full);
  }
};

// ---- conditions -----------------------------------------------------------------------------------------------------

enum class Truth : std::uint8_t { no, yes, unknown };

struct Limit {
  double value = 0;
  std::optional<std::string> profile_field;  // a lookup field instead of the number
};

struct Threshold {
  bool above = true;  // strictly beyond the limit
  Limit open, clear;
};
struct Unusual {
  Direction direction = Direction::either;
  double theta = 2.0;       // onset that opens; the ratio below 0.6 theta closes
  double min_absolute = 0;  // |observed - expected| must reach both
  double min_relative = 0;  // as a share of |expected|
  std::uint32_t min_samples =
      0;  // the model must have learnt so many: a season that it has not lived through is unknown
  bool stuck = false;  // the signal stopped moving; direction and differences have no meaning then
};
// The trend will carry the value to the limit within that time, so likely in three closes running.
struct Reaches {
  Limit limit;
  bool from_below = true;
  Duration within{};
  double confidence = 0.8;
};
// Measures that are odd together, though each alone may be usual.
struct Together {
  double theta = 2.0;                 // as of Unusual
  std::vector<std::uint8_t> members;  // indexes into Rule::measures, in the order of Measure::members
};
struct Missing {
  Duration for_longer_than{};
  Duration once_seen_within{};
  bool unless_pipeline_late = true;
};

struct Leaf {
  std::string id;
  std::uint8_t measure = 0;  // index into Rule::measures
  std::variant<Threshold, Unusual, Reaches, Together, Missing> test;
};

// `all` / `any` at most two levels deep: groups of leaves under one root.
struct Condition {
  enum class Op : std::uint8_t { all, any };
  struct Group {
    Op op = Op::all;
    std::vector<std::uint8_t> leaves;
  };
  std::vector<Leaf> leaves;  // at most 16
  Op op = Op::all;
  std::vector<Group> groups;  // a single leaf is one group of one
};

// ---- rules ----------------------------------------------------------------------------------------------------------

enum class Rollout : std::uint8_t { shadow, live };
enum class NoData : std::uint8_t { hold, ok, fire };

// A compiled title or advice: literal text and names to fill.
struct TemplatePart {
  enum class Kind : std::uint8_t {
    literal,
    observed,
    expected,
    low,
    high,
    since,
    reaches_at,
    last_seen,
    profile_field,
    customer_id,
    entity_id
  };
  Kind kind = Kind::literal;
  std::string text;          // literal, or the profile field
  std::uint8_t measure = 0;  // index into Rule::measures
  std::string fallback{};    // profile_field: what stands for a customer without it
  Unit unit = Unit::none;    // profile_field: bytes, if the catalogue says so
};
using Template = std::vector<TemplatePart>;

struct OutreachSpec {
  std::string audience;  // customer | customer_success | support | product_team
  Template title, advice;
  std::string title_text, advice_text;  // as written
  std::string playbook;
  Duration cooldown{};
};

struct RuleMeasure {
  std::string name;
  MeasureIndex plan = 0;
};

struct Rule {
  std::string name, summary;
  std::string digest;  // "xxh3:" and 8 hex digits of the canonical text of the rule and its file's defaults
  RuleIndex index = 0;
  EntityTypeIndex per = 0;
  std::vector<Predicate> only_for;  // on profile fields; all must hold
  std::vector<RuleMeasure> measures;
  Condition when;
  Duration hold{};  // `for`
  Duration keep_firing_for{};
  NoData no_data = NoData::hold;
  Severity severity = Severity::medium;
  bool on_close = false;  // evaluated when buckets close; else at the entity's newest event
  std::optional<OutreachSpec> outreach;
  Rollout rollout = Rollout::shadow;
  std::string category;  // the pack's area, e.g. "reliability"
};

// ---- the set --------------------------------------------------------------------------------------------------------

struct RuleSet {
  std::uint64_t hash = 0;
  std::vector<std::string> event_types;
  std::unordered_map<std::string, TypeIndex> type_by_name;
  std::vector<Signal> signals;
  std::vector<std::vector<SignalIndex>> signals_by_type;  // by TypeIndex
  std::vector<EntityType> entity_types;
  std::vector<Measure> measures;
  std::vector<std::vector<MeasureIndex>> measures_by_signal;  // by SignalIndex
  std::vector<Rule> rules;
  std::vector<std::vector<RuleIndex>> rules_by_measure;  // by MeasureIndex
  std::vector<std::string> profile_fields;               // lookups.customer.fields, all others are dropped
  std::string time_zone = "Etc/UTC";                     // when the profile names none
};

}  // namespace proactive::rules
