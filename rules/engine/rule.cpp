#include "rules/engine/rule.h"

#include <re2/re2.h>

#include <algorithm>

namespace proactive::rules {
namespace {

using PredicateValue = std::variant<std::string, double, bool>;

// Types are never coerced: the text "500" is not the number 500.
bool equals(const PredicateValue& wanted, const ScalarValue& value) {
  if (const auto* text = std::get_if<std::string>(&wanted)) {
    const auto* other = std::get_if<std::string_view>(&value);
    return other != nullptr && *other == *text;
  }
  if (const auto* number = std::get_if<double>(&wanted)) {
    const auto* other = std::get_if<double>(&value);
    return other != nullptr && *other == *number;
  }
  const auto* other = std::get_if<bool>(&value);
  return other != nullptr && *other == std::get<bool>(wanted);
}

bool any_equals(const std::vector<PredicateValue>& wanted, const ScalarValue& value) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const auto& one) { return equals(one, value); });
}

const ScalarValue* find_dim(std::span<const Dim> dims, std::string_view name) {
  for (const Dim& dim : dims) {
    if (dim.name == name) return &dim.value;
  }
  return nullptr;
}

}  // namespace

bool Predicate::holds(const ScalarValue* value) const {
  if (op == PredicateOp::present) return (value != nullptr) == std::get<bool>(values.front());
  if (value == nullptr) return false;
  const auto* number = std::get_if<double>(value);
  const auto* text = std::get_if<std::string_view>(value);
  switch (op) {
    case PredicateOp::is:
      return equals(values.front(), *value);
    case PredicateOp::is_not:
      return !equals(values.front(), *value);
    case PredicateOp::in:
      return any_equals(values, *value);
    case PredicateOp::not_in:
      return !any_equals(values, *value);
    case PredicateOp::at_least:
      return number != nullptr && *number >= std::get<double>(values.front());
    case PredicateOp::at_most:
      return number != nullptr && *number <= std::get<double>(values.front());
    case PredicateOp::prefix:
      return text != nullptr && text->starts_with(std::get<std::string>(values.front()));
    case PredicateOp::matches:
      return text != nullptr && re2::RE2::FullMatch(re2::StringPiece(text->data(), text->size()), *regex);
    case PredicateOp::present:
      break;  // above
  }
  return false;
}

bool Signal::matches(const TelemetryEvent& event) const {
  if (event.type != type) return false;
  return std::all_of(where.begin(), where.end(), [&](const Predicate& predicate) {
    return predicate.holds(find_dim(event.dims, predicate.field));
  });
}

std::optional<double> Signal::value_of(const TelemetryEvent& event) const {
  double value = 1;
  switch (kind) {
    case CatalogueKind::event:
      return 1;
    case CatalogueKind::count:
      if (event.kind == SignalKind::count || event.kind == SignalKind::delta) value = event.value;
      break;
    case CatalogueKind::gauge:
    case CatalogueKind::counter:
      value = event.value;
      if (!field.empty()) {
        const ScalarValue* dim = find_dim(event.dims, field);
        const double* number = dim == nullptr ? nullptr : std::get_if<double>(dim);
        if (number == nullptr) return std::nullopt;
        value = *number;
      }
      break;
  }
  if (!(value >= range_low && value <= range_high)) return std::nullopt;  // NaN is outside too
  return value;
}

}  // namespace proactive::rules
