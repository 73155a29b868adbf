// Titles and advice: text with ${names}; `$$` is a dollar sign.
//
//   ${m} ${m.expected} ${m.low} ${m.high} ${m.since}   a measure m of the rule
//   ${customer} ${entity} ${customer.plan}             who it is about; a profile field
//   ${m.reaches_at}                                    when a `reaches` condition on m expects the limit to be met
//   ${last_seen}                                       of a `missing` condition's signal
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/engine/rule_draft.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {

// What a rule's texts can name.
struct TemplateScope {
  struct KnownMeasure {
    std::uint8_t position = 0;          // in Rule::measures
    bool modelled = false;              // has .expected .low .high
    std::optional<std::uint8_t> trend;  // where .reaches_at comes from
  };
  std::map<std::string, KnownMeasure, std::less<>> measures;
  bool last_seen = false;
  const SignalCatalogue* catalogue = nullptr;
};

// What follows ${ up to the first dot, of every name in the text.
[[nodiscard]] std::vector<std::string> names_in_template(std::string_view text);

// Unknown names get E408 at their place in the text.
[[nodiscard]] Template parse_template(const Written<std::string>& text, const TemplateScope& scope,
                                      config::Findings& findings);

}  // namespace proactive::rules
