#include "rules/engine/parse_condition.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "config/loader/decode_fields.h"

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

constexpr std::size_t kMaxLeaves = 16;
constexpr std::string_view kCustomerPrefix = "customer.";

constexpr std::array<std::string_view, 4> kDirections{"high", "low", "either", "stuck"};
constexpr std::array<std::string_view, 2> kModelSets{"level", "full"};
constexpr std::array<std::string_view, 2> kRepeats{"news", "familiar"};
constexpr std::array<std::string_view, 2> kSides{"below", "above"};
constexpr std::array<std::string_view, 3> kSeasons{"none", "day", "week"};
constexpr std::array<std::string_view, 3> kSensitivities{"low", "medium", "high"};
constexpr std::array<double, 3> kThetas{3.0, 2.0, 1.6};  // by sensitivity
constexpr std::array<std::string_view, 1> kBaselines{"own_history"};

constexpr Field kId{
    .key = "id", .kind = FieldKind::name, .doc = "What evidence calls it; by default the measure's name."};
constexpr Field kMeasure{
    .key = "measure", .kind = FieldKind::name, .need = Need::required, .doc = "One of the rule's measures."};

constexpr std::array kAboveFields{
    kId,
    kMeasure,
    Field{.key = "above",
          .kind = FieldKind::quantity,
          .need = Need::required,
          .doc = "True strictly above this limit, a value or customer.<field>."},
    Field{.key = "clear_below",
          .kind = FieldKind::quantity,
          .doc = "Once open, true until it is no longer above this."},
};
constexpr FieldTable kAboveTable{"an 'above' condition", kAboveFields};

constexpr std::array kBelowFields{
    kId,
    kMeasure,
    Field{.key = "below",
          .kind = FieldKind::quantity,
          .need = Need::required,
          .doc = "True strictly below this limit, a value or customer.<field>."},
    Field{.key = "clear_above",
          .kind = FieldKind::quantity,
          .doc = "Once open, true until it is no longer below this."},
};
constexpr FieldTable kBelowTable{"a 'below' condition", kBelowFields};

constexpr std::array kMinDeltaFields{
    Field{.key = "absolute",
          .kind = FieldKind::quantity,
          .doc = "At least so far from the expected value, in the measure's unit."},
    Field{.key = "relative",
          .kind = FieldKind::share,
          .doc = "At least this share of the expected value away from it."},
};
constexpr FieldTable kMinDeltaTable{"min_delta", kMinDeltaFields};

constexpr std::array kUnusualFields{
    kId,
    kMeasure,
    Field{.key = "unusual",
          .kind = FieldKind::choice,
          .need = Need::required,
          .choices = kDirections,
          .doc = "The side that matters; stuck: it stopped moving."},
    Field{.key = "compared_to",
          .kind = FieldKind::choice,
          .default_text = "own_history",
          .choices = kBaselines,
          .doc = "The baseline."},
    Field{.key = "season",
          .kind = FieldKind::choice,
          .default_text = "none",
          .choices = kSeasons,
          .doc = "The rhythm of the baseline."},
    Field{.key = "models",
          .kind = FieldKind::choice,
          .default_text = "level",
          .choices = kModelSets,
          .doc = "full: steps, drifts, louder noise and its own seasons too, for up to 2.6 KB a series."},
    Field{.key = "repeats",
          .kind = FieldKind::choice,
          .default_text = "news",
          .choices = kRepeats,
          .doc = "familiar: what it has shown before, such as a peak each night, is news no more."},
    Field{.key = "sensitivity",
          .kind = FieldKind::choice,
          .default_text = "medium",
          .choices = kSensitivities,
          .doc = "How rare it must be on this very series."},
    Field{.key = "min_delta",
          .kind = FieldKind::mapping,
          .child = &kMinDeltaTable,
          .doc = "What matters to the business, both at once."},
    Field{.key = "peers_by", .kind = FieldKind::any, .need = Need::later, .doc = "Fields that make peers."},
};
constexpr FieldTable kUnusualTable{"an 'unusual' condition", kUnusualFields};

constexpr std::array kReachesFields{
    kId,
    kMeasure,
    Field{.key = "reaches",
          .kind = FieldKind::quantity,
          .need = Need::required,
          .doc = "The limit that its trend leads to, a value or customer.<field>."},
    Field{.key = "within",
          .kind = FieldKind::duration,
          .need = Need::required,
          .doc = "How far ahead to look."},
    Field{.key = "from",
          .kind = FieldKind::choice,
          .default_text = "below",
          .choices = kSides,
          .doc = "The side that it comes from."},
    Field{.key = "confidence",
          .kind = FieldKind::share,
          .default_text = "80%",
          .doc = "How likely it must be."},
};
constexpr FieldTable kReachesTable{"a 'reaches' condition", kReachesFields};

constexpr std::array kTogetherFields{
    Field{.key = "id", .kind = FieldKind::name, .doc = "What tests call it; by default 'together'."},
    Field{.key = "unusual_together",
          .kind = FieldKind::any,
          .need = Need::required,
          .doc = "Two to eight of the rule's measures, of the same step."},
    Field{.key = "season",
          .kind = FieldKind::choice,
          .default_text = "none",
          .choices = kSeasons,
          .doc = "The rhythm that each of them is compared with first."},
    Field{.key = "sensitivity",
          .kind = FieldKind::choice,
          .default_text = "medium",
          .choices = kSensitivities,
          .doc = "How rare it must be for these very measures."},
};
constexpr FieldTable kTogetherTable{"an 'unusual_together' condition", kTogetherFields};

constexpr std::array kMissingFields{
    kId,
    Field{.key = "missing",
          .kind = FieldKind::name,
          .need = Need::required,
          .doc = "A signal that should keep coming."},
    Field{.key = "for_longer_than",
          .kind = FieldKind::duration,
          .need = Need::required,
          .doc = "Silent for longer than this."},
    Field{.key = "once_seen_within",
          .kind = FieldKind::duration,
          .default_text = "7d",
          .doc = "Seen at all within this time."},
    Field{.key = "unless_pipeline_late",
          .kind = FieldKind::boolean,
          .default_text = "true",
          .doc = "Unknown while the data itself is late."},
};
constexpr FieldTable kMissingTable{"a 'missing' condition", kMissingFields};

// Where a key of one variant belongs when it stands in another.
constexpr std::array kVariantFields{
    Field{.key = "above", .kind = FieldKind::mapping, .child = &kAboveTable},
    Field{.key = "below", .kind = FieldKind::mapping, .child = &kBelowTable},
    Field{.key = "unusual", .kind = FieldKind::mapping, .child = &kUnusualTable},
    Field{.key = "reaches", .kind = FieldKind::mapping, .child = &kReachesTable},
    Field{.key = "unusual_together", .kind = FieldKind::mapping, .child = &kTogetherTable},
    Field{.key = "missing", .kind = FieldKind::mapping, .child = &kMissingTable},
};
constexpr FieldTable kVariantTable{"a condition", kVariantFields};

constexpr std::array<std::string_view, 6> kVariants{
    "above", "below", "unusual", "reaches", "unusual_together", "missing"};
constexpr std::array<std::string_view, 5> kLaterVariants{"outside", "drops_by", "rises_by", "shifts",
                                                         "sequence"};
constexpr std::string_view kTogetherId = "together";

const FieldTable& table_of(std::string_view variant) {
  if (variant == "above") return kAboveTable;
  if (variant == "below") return kBelowTable;
  if (variant == "reaches") return kReachesTable;
  if (variant == "unusual_together") return kTogetherTable;
  return variant == "unusual" ? kUnusualTable : kMissingTable;
}

const TreeNode::Member* member_of(const TreeNode& node, std::string_view key) {
  for (const TreeNode::Member& member : node.members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

WrittenName name_of(const TreeNode& node, Findings& findings) {
  return {config::as_name(node, findings).value_or(""), node.place};
}

// The design names more values than are built: those get E209 instead of "unknown value".
template <std::size_t N>
std::size_t choice_of(const TreeNode& node, std::string_view key,
                      const std::array<std::string_view, N>& legal, std::size_t otherwise,
                      std::string_view later, Findings& findings) {
  const TreeNode* value = node.find(key);
  if (value == nullptr) return otherwise;
  if (value->kind == NodeKind::scalar && value->text == later) {
    findings.add("E209", value->place, fmt::format("'{}: {}' is not available yet", key, later));
    return otherwise;
  }
  return config::as_enum(*value, key, legal, findings).value_or(otherwise);
}

std::optional<LimitDraft> parse_limit(const TreeNode* node, Findings& findings) {
  if (node == nullptr) return std::nullopt;
  if (node->kind == NodeKind::scalar && node->text.starts_with(kCustomerPrefix)) {
    return LimitDraft{node->text.substr(kCustomerPrefix.size()), node->place};
  }
  const auto quantity = config::as_quantity(*node, findings);
  if (!quantity) return std::nullopt;
  return LimitDraft{*quantity, node->place};
}

ThresholdDraft parse_threshold(const TreeNode& node, bool above, Findings& findings) {
  ThresholdDraft threshold;
  threshold.above = above;
  threshold.open = parse_limit(node.find(above ? "above" : "below"), findings);
  threshold.clear = parse_limit(node.find(above ? "clear_below" : "clear_above"), findings);
  return threshold;
}

UnusualDraft parse_unusual(const TreeNode& node, Findings& findings) {
  UnusualDraft unusual;
  unusual.place = node.place;
  if (const auto* member = member_of(node, "unusual")) unusual.place = member->key_place;
  const std::size_t side = choice_of(node, "unusual", kDirections, 2, {}, findings);
  unusual.stuck = side == 3;
  unusual.direction = unusual.stuck ? Direction::either : static_cast<Direction>(side);
  for (const std::string_view key : {"compared_to", "season", "models", "repeats", "min_delta"}) {
    if (const auto* member = member_of(node, key))
      unusual.of_value.push_back({member->key, member->key_place});
  }
  unusual.models = static_cast<ModelSet>(choice_of(node, "models", kModelSets, 0, {}, findings));
  unusual.repeats = static_cast<Repeats>(choice_of(node, "repeats", kRepeats, 0, {}, findings));
  if (const auto* member = member_of(node, "repeats")) unusual.repeats_place = member->key_place;
  choice_of(node, "compared_to", kBaselines, 0, "peers", findings);
  unusual.season = static_cast<Season>(choice_of(node, "season", kSeasons, 0, {}, findings));
  unusual.theta = kThetas[choice_of(node, "sensitivity", kSensitivities, 1, {}, findings)];
  const TreeNode* delta = node.find("min_delta");
  unusual.has_min_delta = delta != nullptr;
  if (delta == nullptr || !config::check_members(*delta, kMinDeltaTable, findings)) return unusual;
  if (const TreeNode* absolute = delta->find("absolute")) {
    if (const auto quantity = config::as_quantity(*absolute, findings)) {
      if (quantity->value < 0) {
        findings.add("E303", absolute->place, "a difference is not negative: 'unusual' names the side");
      } else {
        unusual.min_absolute = Written<config::Quantity>{*quantity, absolute->place};
      }
    }
  }
  if (const TreeNode* relative = delta->find("relative")) {
    constexpr double kThousandfold = 1000;
    unusual.min_relative = {config::as_share(*relative, findings, {0, kThousandfold}).value_or(0),
                            relative->place};
  }
  return unusual;
}

Written<Duration> duration_of(const TreeNode* node, Duration otherwise, Findings& findings) {
  if (node == nullptr) return {otherwise, {}};
  const auto duration = config::as_duration(*node, findings);
  if (!duration) return {otherwise, {}};
  if (*duration > kLongestHistory) {
    findings.add("E305", node->place,
                 fmt::format("{} is longer than the 35d of history that are kept", node->text));
    return {otherwise, {}};
  }
  return {*duration, node->place};
}

ReachesDraft parse_reaches(const TreeNode& node, Findings& findings) {
  ReachesDraft reaches;
  reaches.place = node.place;
  if (const auto* member = member_of(node, "reaches")) reaches.place = member->key_place;
  reaches.limit = parse_limit(node.find("reaches"), findings);
  reaches.within = duration_of(node.find("within"), 0s, findings);
  reaches.from_below = choice_of(node, "from", kSides, 0, {}, findings) == 0;
  if (const TreeNode* confidence = node.find("confidence")) {
    constexpr double kCoin = 0.5, kMostSure = 0.999;
    reaches.confidence = config::as_share(*confidence, findings, {kCoin, kMostSure}).value_or(0.8);
  }
  return reaches;
}

TogetherDraft parse_together(const TreeNode& node, Findings& findings) {
  TogetherDraft together;
  const TreeNode::Member& list = *member_of(node, "unusual_together");
  if (list.value.kind != NodeKind::sequence) {
    config::wrong_kind(list.value, "a list of measures", findings);  // without a place: has its finding
  } else {
    together.place = list.key_place;
    for (const TreeNode& item : list.value.items) together.measures.push_back(name_of(item, findings));
  }
  together.season = static_cast<Season>(choice_of(node, "season", kSeasons, 0, {}, findings));
  together.theta = kThetas[choice_of(node, "sensitivity", kSensitivities, 1, {}, findings)];
  return together;
}

MissingDraft parse_missing(const TreeNode& node, Findings& findings) {
  MissingDraft missing;
  if (const TreeNode* signal = node.find("missing")) missing.signal = name_of(*signal, findings);
  missing.for_longer_than = duration_of(node.find("for_longer_than"), 0s, findings);
  missing.once_seen_within = duration_of(node.find("once_seen_within"), 7 * 24h, findings);
  if (missing.for_longer_than.place.line > 0 && missing.for_longer_than.value < 1s) {
    findings.add("E303", missing.for_longer_than.place, "silence is measured in whole seconds: at least 1s");
  }
  if (const TreeNode* flag = node.find("unless_pipeline_late")) {
    missing.unless_pipeline_late = config::as_bool(*flag, findings).value_or(true);
  }
  return missing;
}

// Which key makes the variant; empty, with a finding, if there is none or more than one.
std::string_view variant_of(const TreeNode& node, Findings& findings) {
  std::string_view chosen;
  for (const TreeNode::Member& member : node.members) {
    for (const std::string_view later : kLaterVariants) {
      if (member.key != later) continue;
      findings.add("E209", member.key_place, fmt::format("'{}' conditions are not available yet", later));
      return {};
    }
    for (const std::string_view variant : kVariants) {
      if (member.key != variant) continue;
      if (!chosen.empty()) {
        findings.add("E204", member.key_place, fmt::format("'{}' and '{}' in one condition", chosen, variant),
                     "write two conditions under all: or any:");
        return {};
      }
      chosen = variant;
    }
  }
  if (!chosen.empty()) return chosen;
  const std::vector<std::string_view> legal(kVariants.begin(), kVariants.end());
  for (const TreeNode::Member& member : node.members) {
    const std::string nearest = nearest_of(member.key, legal);
    if (nearest.empty()) continue;
    findings.add("E201", member.key_place, fmt::format("unknown key '{}' in a condition", member.key),
                 nearest);
    return {};
  }
  findings.add("E203", node.place,
               "a condition needs one of above, below, unusual, reaches, unusual_together, missing");
  return {};
}

class ConditionReader {
 public:
  explicit ConditionReader(Findings& findings) : findings_(findings) {}

  ConditionDraft read(const TreeNode& node) {
    const TreeNode::Member* list = group_of(node);
    if (list == nullptr) {
      if (const auto leaf = read_leaf(node)) condition_.groups.push_back({Condition::Op::all, {*leaf}});
      return std::move(condition_);
    }
    condition_.op = op_of(*list);
    for (const TreeNode& item : list->value.items) {
      const TreeNode::Member* inner = group_of(item);
      if (inner == nullptr) {
        if (const auto leaf = read_leaf(item)) condition_.groups.push_back({Condition::Op::all, {*leaf}});
        continue;
      }
      Condition::Group group{op_of(*inner), {}};
      for (const TreeNode& part : inner->value.items) {
        if (const TreeNode::Member* deeper = group_of(part)) {
          findings_.add("E604", deeper->key_place, "all: and any: nest at most two levels deep");
          condition_.complete = false;
        } else if (const auto leaf = read_leaf(part)) {
          group.leaves.push_back(*leaf);
        }
      }
      condition_.groups.push_back(std::move(group));
    }
    return std::move(condition_);
  }

 private:
  static Condition::Op op_of(const TreeNode::Member& list) {
    return list.key == "all" ? Condition::Op::all : Condition::Op::any;
  }

  // The `all:` or `any:` of a node; nullptr if it is a leaf. Says what is wrong with it.
  const TreeNode::Member* group_of(const TreeNode& node) {
    const TreeNode::Member* all = member_of(node, "all");
    const TreeNode::Member* any = member_of(node, "any");
    const TreeNode::Member* list = all != nullptr ? all : any;
    if (list == nullptr) return nullptr;
    for (const TreeNode::Member& other : node.members) {
      if (&other == list) continue;
      findings_.add("E204", other.key_place, fmt::format("'{}' beside '{}'", other.key, list->key),
                    fmt::format("put it into the list under {}:", list->key));
      break;
    }
    if (list->value.kind == NodeKind::null) return list;
    if (list->value.kind != NodeKind::sequence) {
      config::wrong_kind(list->value, "a list of conditions", findings_);
    } else if (list->value.items.empty()) {
      findings_.add("E203", list->key_place, fmt::format("'{}' needs at least one condition", list->key));
    }
    return list;
  }

  std::optional<std::uint8_t> read_leaf(const TreeNode& node) {
    const auto index = read_known_leaf(node);
    condition_.complete = condition_.complete && index;
    return index;
  }

  std::optional<std::uint8_t> read_known_leaf(const TreeNode& node) {
    if (node.kind != NodeKind::mapping) {
      config::wrong_kind(node, "a condition: {measure: name, above: value}", findings_);
      return std::nullopt;
    }
    const std::string_view variant = variant_of(node, findings_);
    if (variant.empty()) return std::nullopt;
    if ((variant == "missing" || variant == "unusual_together") && node.find("measure") != nullptr) {
      findings_.add(
          "E202", member_of(node, "measure")->key_place,
          fmt::format("'measure' in {} '{}' condition: it names {} itself", variant == "missing" ? "a" : "an",
                      variant, variant == "missing" ? "a signal" : "its measures"),
          "remove it");
      return std::nullopt;
    }
    config::check_members(node, table_of(variant), findings_, &kVariantTable);
    LeafDraft leaf;
    leaf.id.place = node.place;
    if (variant == "missing") {
      MissingDraft missing = parse_missing(node, findings_);
      leaf.id = missing.signal;
      leaf.test = std::move(missing);
    } else if (variant == "unusual_together") {
      leaf.id = {std::string(kTogetherId), node.place};
      TogetherDraft together = parse_together(node, findings_);
      if (together.place.line == 0) return std::nullopt;
      leaf.test = std::move(together);
    } else {
      leaf.measure.emplace();
      if (const TreeNode* measure = node.find("measure")) leaf.measure = name_of(*measure, findings_);
      leaf.id = *leaf.measure;
      if (variant == "unusual") {
        leaf.test = parse_unusual(node, findings_);
      } else if (variant == "reaches") {
        leaf.test = parse_reaches(node, findings_);
      } else {
        leaf.test = parse_threshold(node, variant == "above", findings_);
      }
    }
    if (const TreeNode* id = node.find("id")) leaf.id = name_of(*id, findings_);
    if (condition_.leaves.size() == kMaxLeaves) {
      if (!too_many_)
        findings_.add("E604", node.place, fmt::format("more than {} conditions in one rule", kMaxLeaves));
      too_many_ = true;
      return std::nullopt;
    }
    condition_.leaves.push_back(std::move(leaf));
    return static_cast<std::uint8_t>(condition_.leaves.size() - 1);
  }

  Findings& findings_;
  ConditionDraft condition_;
  bool too_many_ = false;
};

}  // namespace

std::string nearest_of(std::string_view wrong, const std::vector<std::string_view>& legal) {
  const std::string nearest = config::did_you_mean(wrong, legal);
  return nearest.empty() ? std::string() : fmt::format("did you mean '{}'?", nearest);
}

ConditionDraft parse_condition(const TreeNode& node, Findings& findings) {
  return ConditionReader(findings).read(node);
}

}  // namespace proactive::rules
