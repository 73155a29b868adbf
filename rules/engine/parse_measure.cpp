#include "rules/engine/parse_measure.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "config/loader/decode_fields.h"
#include "rules/engine/parse_condition.h"

namespace proactive::rules {
namespace {

using namespace std::chrono_literals;

using config::Field;
using config::FieldKind;
using config::FieldTable;
using config::Findings;
using config::Need;
using config::NodeKind;
using config::TreeNode;

constexpr std::int64_t kMaxBuckets = 1024;

struct Function {
  std::string_view key;
  MeasureFunction function;
};
constexpr std::array<Function, 8> kFunctions{{{"count", MeasureFunction::count},
                                              {"sum", MeasureFunction::sum},
                                              {"mean", MeasureFunction::mean},
                                              {"min", MeasureFunction::min},
                                              {"max", MeasureFunction::max},
                                              {"last", MeasureFunction::last},
                                              {"rate", MeasureFunction::rate},
                                              {"ratio", MeasureFunction::ratio}}};
constexpr std::array<std::string_view, 8> kLaterFunctions{"p50", "p95",      "p99",    "slope",
                                                          "age", "distinct", "funnel", "formula"};

constexpr std::array kMeasureFields{
    Field{.key = "count", .kind = FieldKind::name, .doc = "How often, of a count or event."},
    Field{.key = "sum", .kind = FieldKind::name, .doc = "The sum of a gauge, or the increase of a counter."},
    Field{.key = "mean", .kind = FieldKind::name, .doc = "The mean of a gauge."},
    Field{.key = "min", .kind = FieldKind::name, .doc = "The smallest value of a gauge."},
    Field{.key = "max", .kind = FieldKind::name, .doc = "The largest value of a gauge."},
    Field{.key = "last", .kind = FieldKind::name, .doc = "The newest value of a gauge."},
    Field{.key = "rate", .kind = FieldKind::name, .doc = "Per second, of a count or counter."},
    Field{.key = "ratio", .kind = FieldKind::any, .doc = "Share of two counts: [part, whole]."},
    Field{.key = "over",
          .kind = FieldKind::duration,
          .need = Need::required,
          .doc = "The window, at most 35d."},
    Field{.key = "step",
          .kind = FieldKind::duration,
          .doc = "Its bucket; by default about a tenth of it, 1h from a day up."},
    Field{.key = "needs",
          .kind = FieldKind::any,
          .doc = "Signal -> how much of it the window needs; with less it is unknown."},
    Field{.key = "time_zone", .kind = FieldKind::any, .need = Need::later, .doc = "Local calendar days."},
    Field{.key = "only_when", .kind = FieldKind::any, .need = Need::later, .doc = "Slopes of one sign."},
    Field{.key = "p50", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "p95", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "p99", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "slope", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "age", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "distinct", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "funnel", .kind = FieldKind::any, .need = Need::later},
    Field{.key = "formula", .kind = FieldKind::any, .need = Need::later},
};
constexpr FieldTable kMeasureTable{"a measure", kMeasureFields};

WrittenName name_of(const TreeNode& node, Findings& findings) {
  return {config::as_name(node, findings).value_or(""), node.place};
}

void parse_ratio(const TreeNode& node, MeasureDraft& draft, Findings& findings) {
  draft.denominator.emplace();
  draft.signal.place = node.place;
  if (node.kind != NodeKind::sequence || node.items.size() != 2) {
    config::wrong_kind(node, "a list of two signals: [part, whole]", findings);
    return;
  }
  draft.signal = name_of(node.items[0], findings);
  draft.denominator = name_of(node.items[1], findings);
}

void parse_function(const TreeNode::Member& measure, MeasureDraft& draft, Findings& findings) {
  const TreeNode& node = measure.value;
  std::string_view chosen;
  bool later = false;
  for (const TreeNode::Member& member : node.members) {
    for (const std::string_view key : kLaterFunctions) later = later || member.key == key;
    for (const Function& function : kFunctions) {
      if (member.key != function.key) continue;
      if (!chosen.empty()) {
        findings.add("E204", member.key_place,
                     fmt::format("'{}' and '{}' in one measure", chosen, member.key), "write two measures");
        return;
      }
      chosen = function.key;
      draft.function = function.function;
      if (function.function == MeasureFunction::ratio) {
        parse_ratio(member.value, draft, findings);
      } else {
        draft.signal = name_of(member.value, findings);
      }
    }
  }
  if (!chosen.empty() || later) return;
  std::vector<std::string_view> legal;
  for (const Function& function : kFunctions) legal.push_back(function.key);
  for (const TreeNode::Member& member : node.members) {
    if (!nearest_of(member.key, legal).empty()) return;  // a typo: it has its E201
  }
  findings.add("E203", measure.key_place,
               fmt::format("measure '{}' has no function: count, sum, mean, min, max, last, rate or ratio",
                           measure.key));
}

void parse_window(const TreeNode& node, MeasureDraft& draft, Findings& findings) {
  const TreeNode* over = node.find("over");
  if (over == nullptr) return;
  const auto window = config::as_duration(*over, findings);
  if (!window) return;
  if (*window < 1s) {
    findings.add("E303", over->place, "a window is at least 1s long");
    return;
  }
  if (*window > kLongestHistory) {
    findings.add("E305", over->place,
                 fmt::format("a window of {} is longer than the 35d of history that are kept", over->text));
    return;
  }
  draft.over = {*window, over->place};
  const TreeNode* step = node.find("step");
  if (step == nullptr) {
    if (default_step(*window) == Duration::zero()) {
      findings.add("E303", over->place, fmt::format("{} does not divide into equal steps", over->text),
                   "use whole seconds, and whole hours from a day up, or name a 'step'");
      draft.over = {};
    }
    return;
  }
  const auto bucket = config::as_duration(*step, findings);
  if (!bucket) return;
  if (*bucket < 1s || *window % *bucket != Duration::zero()) {
    findings.add(
        "E303", step->place,
        fmt::format("a step of {} does not fit: at least 1s, and 'over' is a multiple of it", step->text));
    return;
  }
  if (*window / *bucket > kMaxBuckets) {
    findings.add("E604", step->place,
                 fmt::format("{} steps in one window (at most {})", *window / *bucket, kMaxBuckets),
                 "use a longer step");
    return;
  }
  draft.step = Written<Duration>{*bucket, step->place};
}

void parse_needs(const TreeNode& node, MeasureDraft& draft, Findings& findings) {
  const TreeNode* needs = node.find("needs");
  if (needs == nullptr) return;
  if (needs->kind != NodeKind::mapping) {
    config::wrong_kind(*needs, "a mapping: {signal: number}", findings);
    return;
  }
  constexpr double kMostNeeded = 4e9;  // a u32 holds it
  for (const TreeNode::Member& member : needs->members) {
    if (const auto number = config::as_number(member.value, findings, {0, kMostNeeded})) {
      draft.needs.emplace_back(WrittenName{member.key, member.key_place}, *number);
    }
  }
}

}  // namespace

MeasureDraft parse_measure(const TreeNode::Member& member, Findings& findings) {
  MeasureDraft draft;
  TreeNode name;
  name.kind = NodeKind::scalar;
  name.text = member.key;
  name.place = member.key_place;
  draft.name = name_of(name, findings);
  if (!config::check_members(member.value, kMeasureTable, findings)) return draft;
  parse_function(member, draft, findings);
  parse_window(member.value, draft, findings);
  parse_needs(member.value, draft, findings);
  return draft;
}

Duration default_step(Duration over) {
  const bool days = over >= 24h;
  const Duration unit = days ? Duration(1h) : Duration(1s);
  if (over % unit != Duration::zero()) return Duration::zero();
  if (days) return unit;
  const auto divides = [&](std::int64_t buckets) { return over % (buckets * unit) == Duration::zero(); };
  for (std::int64_t buckets = 10; buckets > 1; --buckets) {
    if (divides(buckets)) return over / buckets;
  }
  for (std::int64_t buckets = 11; buckets <= kMaxBuckets; ++buckets) {  // a prime number of seconds
    if (divides(buckets)) return over / buckets;
  }
  return over;
}

}  // namespace proactive::rules
