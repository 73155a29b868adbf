#include "rules/engine/measure_unit.h"

#include <limits>

#include "rules/engine/parse_measure.h"

namespace proactive::rules {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

std::optional<ValueUnit> value_unit(const MeasureDraft& measure, const SignalCatalogue& catalogue) {
  const CatalogueSignal* entry = catalogue.find_signal(measure.signal.value);
  switch (measure.function) {
    case MeasureFunction::ratio:
      return ValueUnit{true, Unit::none, 0, 1};
    case MeasureFunction::count:
    case MeasureFunction::missing:
    case MeasureFunction::together:  // never written as a measure
      return ValueUnit{false, Unit::count, 0, kInfinity};
    case MeasureFunction::rate:
      return ValueUnit{false, Unit::per_s, 0, kInfinity};
    case MeasureFunction::sum:
    case MeasureFunction::mean:
    case MeasureFunction::min:
    case MeasureFunction::max:
    case MeasureFunction::last:
      break;
  }
  if (entry == nullptr) return std::nullopt;
  const Signal& signal = entry->signal;
  if (measure.function != MeasureFunction::sum)
    return ValueUnit{false, signal.unit, signal.range_low, signal.range_high};
  const bool never_falls = signal.range_low >= 0 || signal.kind == CatalogueKind::counter;
  return ValueUnit{false, signal.unit, never_falls ? 0 : -kInfinity, kInfinity};
}

std::optional<double> in_unit(const config::Quantity& quantity, const ValueUnit& unit) {
  using Written = config::Quantity::Unit;
  constexpr double kPercent = 100;
  if (unit.share)
    return quantity.unit == Written::percent ? std::optional(quantity.value / kPercent) : std::nullopt;
  if (unit.unit == Unit::percent)
    return quantity.unit == Written::percent ? std::optional(quantity.value) : std::nullopt;
  if (quantity.unit == Written::bare) return quantity.value;
  if (unit.unit == Unit::bytes && quantity.unit == Written::bytes) return quantity.value;
  return std::nullopt;
}

std::string how_to_write(const ValueUnit& unit) {
  if (unit.share) return "a share such as 5%";
  switch (unit.unit) {
    case Unit::percent:
      return "a percentage such as 80%";
    case Unit::bytes:
      return "a size such as 10GiB";
    case Unit::celsius:
      return "a bare number of degrees Celsius";
    case Unit::ms:
      return "a bare number of milliseconds";
    case Unit::s:
      return "a bare number of seconds";
    case Unit::per_s:
      return "a bare number per second";
    case Unit::count:
    case Unit::none:
      break;
  }
  return "a bare number";
}

Duration step_of(const MeasureDraft& measure) {
  return measure.step ? measure.step->value : default_step(measure.over.value);
}

}  // namespace proactive::rules
