// What a measure's value is measured in, what it can be at all, and how limits for it are written.
#pragma once

#include <optional>
#include <string>

#include "config/loader/decode_fields.h"
#include "rules/engine/rule_draft.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

struct ValueUnit {
  bool share = false;  // of a ratio: 0..1, written as 5%
  Unit unit = Unit::count;
  double low, high;  // no value lies outside; may be infinite
};

// nullopt while the unit depends on a signal that is unknown.
[[nodiscard]] std::optional<ValueUnit> value_unit(const MeasureDraft& measure,
                                                  const SignalCatalogue& catalogue);

// nullopt if it is not written as the unit asks.
[[nodiscard]] std::optional<double> in_unit(const config::Quantity& quantity, const ValueUnit& unit);

// "a share such as 5%": for the message when in_unit refuses.
[[nodiscard]] std::string how_to_write(const ValueUnit& unit);

[[nodiscard]] Duration step_of(const MeasureDraft& measure);

}  // namespace proactive::rules
