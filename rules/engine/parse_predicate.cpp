#include "rules/engine/parse_predicate.h"

#include <array>

#include <fmt/format.h>
#include <re2/re2.h>

#include "config/loader/decode_fields.h"
#include "config/loader/field_table.h"

namespace proactive::rules {
namespace {

using config::Field;
using config::FieldKind;
using config::Findings;
using config::NodeKind;
using config::TreeNode;
using PredicateValue = std::variant<std::string, double, bool>;

constexpr std::size_t kMaxRegexLength = 256;
constexpr int kMaxRegexBytes = 1 << 20;  // RE2's own memory

constexpr std::array kPredicateFields{
    Field{.key = "is", .kind = FieldKind::any, .doc = "Equal to this text, number or bool."},
    Field{.key = "is_not", .kind = FieldKind::any, .doc = "Present and not equal to it."},
    Field{.key = "in", .kind = FieldKind::any, .doc = "Equal to one of the list."},
    Field{.key = "not_in", .kind = FieldKind::any, .doc = "Present and equal to none of the list."},
    Field{.key = "at_least", .kind = FieldKind::number, .doc = "A number not below this."},
    Field{.key = "at_most", .kind = FieldKind::number, .doc = "A number not above this."},
    Field{.key = "prefix", .kind = FieldKind::text, .doc = "A text that starts so."},
    Field{.key = "matches",
          .kind = FieldKind::text,
          .doc = "A text that this RE2 expression matches as a whole."},
    Field{.key = "present", .kind = FieldKind::boolean, .doc = "Whether the field is there at all."},
};
constexpr config::FieldTable kPredicateTable{"a predicate", kPredicateFields};

std::optional<PredicateValue> scalar_value(const TreeNode& node, Findings& findings) {
  if (node.kind == NodeKind::null) return std::nullopt;
  if (node.kind != NodeKind::scalar) {
    config::wrong_kind(node, "a text, number or bool", findings);
    return std::nullopt;
  }
  if (!node.quoted) {
    if (node.text == "true") return true;
    if (node.text == "false") return false;
    const bool numeric = !node.text.empty() &&
                         node.text.find_first_not_of("+-.0123456789") == std::string::npos &&
                         node.text.find_first_of("0123456789") != std::string::npos;
    if (numeric) {
      if (const auto number = config::as_number(node, findings)) return *number;
      return std::nullopt;
    }
  }
  return node.text;
}

std::optional<std::vector<PredicateValue>> scalar_values(const TreeNode& node, Findings& findings) {
  if (node.kind != NodeKind::sequence) {
    config::wrong_kind(node, "a list of values", findings);
    return std::nullopt;
  }
  std::vector<PredicateValue> values;
  for (const TreeNode& item : node.items) {
    if (auto value = scalar_value(item, findings)) values.push_back(std::move(*value));
  }
  if (node.items.empty()) findings.add("E303", node.place, "the list is empty: name at least one value");
  if (values.empty()) return std::nullopt;
  return values;
}

std::shared_ptr<const re2::RE2> compile_regex(const TreeNode& node, const std::string& text,
                                              Findings& findings) {
  if (text.size() > kMaxRegexLength) {
    findings.add(
        "E603", node.place,
        fmt::format("a regular expression of {} characters (at most {})", text.size(), kMaxRegexLength));
    return nullptr;
  }
  re2::RE2::Options options;
  options.set_max_mem(kMaxRegexBytes);
  options.set_log_errors(false);
  auto regex = std::make_shared<re2::RE2>(text, options);
  if (!regex->ok()) {
    findings.add("E603", node.place, fmt::format("not a regular expression of RE2: {}", regex->error()));
    return nullptr;
  }
  return regex;
}

std::optional<Predicate> parse_one(const std::string& field, std::string_view op, const TreeNode& node,
                                   Findings& findings) {
  Predicate predicate;
  predicate.field = field;
  if (op == "in" || op == "not_in") {
    auto values = scalar_values(node, findings);
    if (!values) return std::nullopt;
    predicate.op = op == "in" ? PredicateOp::in : PredicateOp::not_in;
    predicate.values = std::move(*values);
    return predicate;
  }
  std::optional<PredicateValue> value;
  if (op == "is" || op == "is_not") {
    predicate.op = op == "is" ? PredicateOp::is : PredicateOp::is_not;
    value = scalar_value(node, findings);
  } else if (op == "at_least" || op == "at_most") {
    predicate.op = op == "at_least" ? PredicateOp::at_least : PredicateOp::at_most;
    if (const auto number = config::as_number(node, findings)) value = *number;
  } else if (op == "present") {
    predicate.op = PredicateOp::present;
    if (const auto flag = config::as_bool(node, findings)) value = *flag;
  } else {
    predicate.op = op == "prefix" ? PredicateOp::prefix : PredicateOp::matches;
    if (auto text = config::as_text(node, findings)) value = std::move(*text);
    if (value && predicate.op == PredicateOp::matches) {
      predicate.regex = compile_regex(node, std::get<std::string>(*value), findings);
      if (predicate.regex == nullptr) return std::nullopt;
    }
  }
  if (!value) return std::nullopt;
  predicate.values.push_back(std::move(*value));
  return predicate;
}

}  // namespace

std::vector<PredicateDraft> parse_predicates(const std::string& field, const config::Place& field_place,
                                             const TreeNode& node, Findings& findings) {
  std::vector<PredicateDraft> predicates;
  const auto take = [&](std::string_view op, const TreeNode& value) {
    if (auto predicate = parse_one(field, op, value, findings)) {
      predicates.push_back({std::move(*predicate), field_place});
    }
  };
  if (node.kind != NodeKind::mapping) {
    take("is", node);
    return predicates;
  }
  config::check_members(node, kPredicateTable, findings);
  for (const TreeNode::Member& member : node.members) {
    if (kPredicateTable.find(member.key) != nullptr) take(member.key, member.value);
  }
  return predicates;
}

}  // namespace proactive::rules
