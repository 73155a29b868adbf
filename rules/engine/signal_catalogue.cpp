#include "rules/engine/signal_catalogue.h"

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "config/loader/decode_fields.h"
#include "config/loader/field_table.h"
#include "rules/engine/digest.h"
#include "rules/engine/parse_predicate.h"

namespace proactive::rules {
namespace {

using config::Field;
using config::FieldKind;
using config::FieldTable;
using config::Findings;
using config::Need;
using config::NodeKind;
using config::TreeNode;

constexpr std::size_t kMaxSignals = 4096;
constexpr std::size_t kMaxEntityTypes = 255;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::array<std::string_view, 4> kKinds{"count", "gauge", "counter", "event"};
constexpr std::array<std::string_view, 8> kUnits{"count", "percent", "celsius", "bytes",
                                                 "ms",    "s",       "per_s",   "none"};
constexpr std::array<std::string_view, 1> kSources{"telemetry"};
constexpr std::array<std::string_view, 1> kLookupSources{"profiles"};
constexpr std::array<std::string_view, 1> kParents{"customer"};
constexpr std::array<std::string_view, 5> kFieldTypes{"text", "number", "bool", "bytes", "time_zone"};

constexpr std::array kSignalFields{
    Field{.key = "source",
          .kind = FieldKind::choice,
          .default_text = "telemetry",
          .choices = kSources,
          .doc = "The stream it comes from."},
    Field{.key = "type",
          .kind = FieldKind::text,
          .doc = "The record's `signal`; by default the name of this entry."},
    Field{.key = "kind",
          .kind = FieldKind::choice,
          .default_text = "count",
          .choices = kKinds,
          .doc = "What its values mean: occurrences, a level, a running total, or a happening."},
    Field{.key = "field",
          .kind = FieldKind::text,
          .doc = "The dim that holds the number; by default the record's `value`."},
    Field{.key = "where", .kind = FieldKind::any, .doc = "Predicates on dims, all of which must hold."},
    Field{.key = "unit",
          .kind = FieldKind::choice,
          .default_text = "count",
          .choices = kUnits,
          .doc = "The unit of its values."},
    Field{.key = "range",
          .kind = FieldKind::any,
          .doc = "Lowest and highest credible value; others are dropped and counted.",
          .example = "[0, 100]"},
    Field{.key = "keys", .kind = FieldKind::any, .need = Need::later, .doc = "Fields kept for `same`."},
    Field{.key = "breakdown", .kind = FieldKind::any, .need = Need::later, .doc = "Top values of a dim."},
};
constexpr FieldTable kSignalTable{"a signal", kSignalFields};

constexpr std::array kEntityFields{
    Field{.key = "key",
          .kind = FieldKind::name,
          .need = Need::required,
          .doc = "The dim that holds the id when the record has no `entity`."},
    Field{.key = "parent",
          .kind = FieldKind::choice,
          .default_text = "customer",
          .choices = kParents,
          .doc = "Whose it is."},
    Field{.key = "attributes",
          .kind = FieldKind::any,
          .need = Need::later,
          .doc = "Fields that rules can use."},
};
constexpr FieldTable kEntityTable{"an entity", kEntityFields};

constexpr std::array kCustomerFields{
    Field{.key = "source",
          .kind = FieldKind::choice,
          .default_text = "profiles",
          .choices = kLookupSources,
          .doc = "The stream of profiles."},
    Field{.key = "fields",
          .kind = FieldKind::any,
          .need = Need::required,
          .doc = "Top-level profile fields that rules may use, with their types."},
};
constexpr FieldTable kCustomerTable{"lookups.customer", kCustomerFields};

constexpr std::array kLookupFields{
    Field{.key = "customer",
          .kind = FieldKind::mapping,
          .child = &kCustomerTable,
          .doc = "The customer's profile."},
};
constexpr FieldTable kLookupTable{"lookups", kLookupFields};

constexpr std::array kRootFields{
    Field{.key = "version", .kind = FieldKind::integer, .need = Need::required, .doc = "Always 1."},
    Field{.key = "entities",
          .kind = FieldKind::any,
          .doc = "Things of a customer that rules can watch one by one."},
    Field{.key = "signals", .kind = FieldKind::any, .doc = "Signal name -> where it comes from."},
    Field{.key = "lookups",
          .kind = FieldKind::mapping,
          .child = &kLookupTable,
          .doc = "Fields known beside telemetry."},
};
constexpr FieldTable kRootTable{"a signal catalogue", kRootFields};

std::string key_of(const TreeNode::Member& member, Findings& findings) {
  TreeNode name;
  name.kind = NodeKind::scalar;
  name.text = member.key;
  name.place = member.key_place;
  return config::as_name(name, findings).value_or("");
}

bool is_mapping(const TreeNode& node, std::string_view expected, Findings& findings) {
  if (node.kind == NodeKind::mapping) return true;
  config::wrong_kind(node, expected, findings);
  return false;
}

template <std::size_t N>
std::size_t choice_of(const TreeNode& node, std::string_view key,
                      const std::array<std::string_view, N>& legal, std::size_t otherwise,
                      Findings& findings) {
  const TreeNode* value = node.find(key);
  return value == nullptr ? otherwise : config::as_enum(*value, key, legal, findings).value_or(otherwise);
}

void parse_range(const TreeNode& node, Signal& signal, Findings& findings) {
  if (node.kind != NodeKind::sequence || node.items.size() != 2) {
    config::wrong_kind(node, "a list of two numbers: [lowest, highest]", findings);
    return;
  }
  std::array<std::optional<double>, 2> bounds;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto quantity = config::as_quantity(node.items[i], findings);
    if (!quantity) continue;
    const bool bytes = quantity->unit == config::Quantity::Unit::bytes && signal.unit == Unit::bytes;
    if (quantity->unit == config::Quantity::Unit::bare || bytes) {
      bounds[i] = quantity->value;
    } else {
      findings.add(
          "E302", node.items[i].place,
          fmt::format("'{}' in a range: write the bare number in the signal's unit", node.items[i].text));
    }
  }
  if (!bounds[0] || !bounds[1]) return;
  if (*bounds[0] > *bounds[1]) {
    findings.add("E303", node.place, "the range is empty: its first number is above its second");
    return;
  }
  signal.range_low = *bounds[0];
  signal.range_high = *bounds[1];
}

void append_predicate(std::string& text, const Predicate& predicate) {
  append_quoted(text, predicate.field);
  text += fmt::format(" {}", static_cast<int>(predicate.op));
  for (const auto& value : predicate.values) {
    if (const auto* string = std::get_if<std::string>(&value)) append_quoted(text, *string);
    if (const auto* number = std::get_if<double>(&value)) text += fmt::format(" {}", *number);
    if (const auto* flag = std::get_if<bool>(&value)) text += *flag ? " true" : " false";
  }
  text += ';';
}

std::string canonical_signal(const CatalogueSignal& entry) {
  std::string text =
      fmt::format("kind {} unit {} range {} {} type ", static_cast<int>(entry.signal.kind),
                  static_cast<int>(entry.signal.unit), entry.signal.range_low, entry.signal.range_high);
  append_quoted(text, entry.type);
  append_quoted(text, entry.signal.field);
  for (const Predicate& predicate : entry.signal.where) append_predicate(text, predicate);
  return text;
}

// True if the key's value is one that the design names and that is not built yet.
bool later_value(const TreeNode& node, std::string_view key, std::string_view value, Findings& findings) {
  const TreeNode* found = node.find(key);
  if (found == nullptr || found->kind != NodeKind::scalar || found->text != value) return false;
  findings.add("E209", found->place, fmt::format("'{}: {}' is not available yet", key, value));
  return true;
}

void parse_signal(const TreeNode::Member& member, SignalCatalogue& catalogue, Findings& findings) {
  const std::string name = key_of(member, findings);
  const TreeNode& node = member.value;
  if (!config::check_members(node, kSignalTable, findings)) return;
  CatalogueSignal entry;
  Signal& signal = entry.signal;
  signal.name = name;
  if (!later_value(node, "source", "tickets", findings)) choice_of(node, "source", kSources, 0, findings);
  const bool distinct = later_value(node, "kind", "distinct", findings);
  if (!distinct) {
    signal.kind = static_cast<CatalogueKind>(choice_of(node, "kind", kKinds, 0, findings));
  }
  signal.unit = static_cast<Unit>(choice_of(node, "unit", kUnits, 0, findings));
  const bool counts = signal.kind == CatalogueKind::count || signal.kind == CatalogueKind::event;
  signal.range_low = signal.kind == CatalogueKind::count ? 0 : -kInfinity;
  signal.range_high = kInfinity;
  if (const TreeNode* range = node.find("range")) parse_range(*range, signal, findings);
  if (const TreeNode* field = node.find("field")) {
    signal.field = config::as_text(*field, findings).value_or("");
    if (counts && !distinct) {
      findings.add("E202", field->place,
                   fmt::format("'field' in a signal of kind {}: its records are counted, not read",
                               kKinds[static_cast<std::size_t>(signal.kind)]),
                   "write kind: gauge or kind: counter, or leave 'field' out");
    }
  }
  if (const TreeNode* where = node.find("where");
      where != nullptr && is_mapping(*where, "a mapping of dims", findings)) {
    for (const TreeNode::Member& test : where->members) {
      for (PredicateDraft& draft : parse_predicates(test.key, test.key_place, test.value, findings)) {
        signal.where.push_back(std::move(draft.predicate));
      }
    }
  }
  entry.type = name;
  if (const TreeNode* type = node.find("type")) entry.type = config::as_text(*type, findings).value_or("");
  entry.place = member.key_place;
  entry.canonical = canonical_signal(entry);
  if (name.empty()) return;
  const auto [there, added] = catalogue.signals.emplace(name, std::move(entry));
  if (!added) {
    findings.add("E407", member.key_place,
                 fmt::format("signal '{}' is declared twice, first in {}:{}", name, there->second.place.file,
                             there->second.place.line));
  }
  if (catalogue.signals.size() == kMaxSignals + 1) {
    findings.add("E604", member.key_place, fmt::format("more than {} signals", kMaxSignals));
  }
}

void parse_entity(const TreeNode::Member& member, SignalCatalogue& catalogue, Findings& findings) {
  const std::string name = key_of(member, findings);
  if (!config::check_members(member.value, kEntityTable, findings)) return;
  choice_of(member.value, "parent", kParents, 0, findings);
  std::string key;
  if (const TreeNode* node = member.value.find("key")) key = config::as_text(*node, findings).value_or("");
  EntityTypeIndex index = 0;
  if (name.empty()) return;
  if (catalogue.find_entity(name, index) != nullptr || name == "account") {
    findings.add("E407", member.key_place,
                 fmt::format("entity '{}' is declared twice, or is a word of the language", name));
    return;
  }
  if (catalogue.entity_types.size() >= kMaxEntityTypes) {
    findings.add("E604", member.key_place, fmt::format("more than {} entity types", kMaxEntityTypes - 1));
    return;
  }
  catalogue.entity_types.push_back({name, key});
}

void parse_lookups(const TreeNode& node, SignalCatalogue& catalogue, Findings& findings) {
  if (!config::check_members(node, kLookupTable, findings)) return;
  const TreeNode* customer = node.find("customer");
  if (customer == nullptr || !config::check_members(*customer, kCustomerTable, findings)) return;
  choice_of(*customer, "source", kLookupSources, 0, findings);
  const TreeNode* fields = customer->find("fields");
  if (fields == nullptr || !is_mapping(*fields, "a mapping of field names to types", findings)) return;
  for (const TreeNode::Member& member : fields->members) {
    const std::string name = key_of(member, findings);
    const auto type = config::as_enum(member.value, member.key, kFieldTypes, findings);
    if (name.empty() || !type) continue;
    if (!catalogue.profile_fields.emplace(name, static_cast<ProfileFieldType>(*type)).second) {
      findings.add("E407", member.key_place, fmt::format("profile field '{}' is declared twice", name));
    }
  }
}

}  // namespace

const CatalogueSignal* SignalCatalogue::find_signal(std::string_view name) const {
  const auto found = signals.find(name);
  return found == signals.end() ? nullptr : &found->second;
}

const EntityType* SignalCatalogue::find_entity(std::string_view name, EntityTypeIndex& index) const {
  for (std::size_t i = 0; i < entity_types.size(); ++i) {
    if (entity_types[i].name != name) continue;
    index = static_cast<EntityTypeIndex>(i);
    return &entity_types[i];
  }
  return nullptr;
}

std::string_view type_name(ProfileFieldType type) {
  constexpr std::array<std::string_view, 5> kNames{"text", "number", "bool", "bytes", "time_zone"};
  return kNames[static_cast<std::size_t>(type)];
}

bool fits(const std::variant<std::string, double, bool>& value, ProfileFieldType type) {
  switch (type) {
    case ProfileFieldType::text:
    case ProfileFieldType::time_zone:
      return std::holds_alternative<std::string>(value);
    case ProfileFieldType::number:
    case ProfileFieldType::bytes:
      return std::holds_alternative<double>(value);
    case ProfileFieldType::boolean:
      return std::holds_alternative<bool>(value);
  }
  return false;
}

std::string SignalCatalogue::nearest_profile_field(std::string_view wrong) const {
  std::vector<std::string_view> legal;
  for (const auto& [name, type] : profile_fields) legal.push_back(name);
  const std::string nearest = config::did_you_mean(wrong, legal);
  return nearest.empty() ? nearest : fmt::format("did you mean 'customer.{}'?", nearest);
}

void check_version(const TreeNode& root, Findings& findings) {
  const TreeNode* version = root.find("version");
  if (version == nullptr) return;  // E203 is the field table's
  const auto number = config::as_integer(*version, findings);
  if (number && *number != 1) {
    findings.add("E301", version->place,
                 fmt::format("unknown version {}: this program reads version 1", *number));
  }
}

void parse_signals(const TreeNode& root, SignalCatalogue& catalogue, Findings& findings) {
  if (!config::check_members(root, kRootTable, findings)) return;
  check_version(root, findings);
  if (const TreeNode* entities = root.find("entities");
      entities != nullptr && is_mapping(*entities, "a mapping of entities", findings)) {
    for (const TreeNode::Member& member : entities->members) parse_entity(member, catalogue, findings);
  }
  if (const TreeNode* signals = root.find("signals");
      signals != nullptr && is_mapping(*signals, "a mapping of signals", findings)) {
    for (const TreeNode::Member& member : signals->members) parse_signal(member, catalogue, findings);
  }
  if (const TreeNode* lookups = root.find("lookups")) parse_lookups(*lookups, catalogue, findings);
}

}  // namespace proactive::rules
