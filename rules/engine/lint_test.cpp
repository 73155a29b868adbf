#include "rules/engine/lint_test.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "config/loader/decode_fields.h"
#include "rules/engine/lint_condition.h"
#include "rules/engine/parse_condition.h"

namespace proactive::rules {
namespace {

using config::Findings;

// Read from every profile, whatever the catalogue declares.
constexpr std::array<std::string_view, 6> kProfileFieldsAlways{"account_id", "segment",           "locale",
                                                               "time_zone",  "account_time_zone", "version"};

// Who and what an expectation names; all but the rule may be empty.
struct Named {
  std::string rule, customer, entity_type, entity_id;
};
struct NamesOf {
  Named operator()(const ExpectedState& e) const { return {e.rule, e.customer, e.entity_type, e.entity_id}; }
  Named operator()(const ExpectedNothing& e) const { return {e.rule, e.customer, {}, {}}; }
  Named operator()(const ExpectedText& e) const { return {e.rule, e.customer, {}, {}}; }
  Named operator()(const ExpectedCount& e) const { return {e.rule, {}, {}, {}}; }
};

std::string nearest_in(const std::string& wrong, const std::set<std::string>& legal) {
  const std::string nearest = nearest_of(wrong, {legal.begin(), legal.end()});
  if (!nearest.empty()) return nearest;
  std::string names;
  for (const std::string& name : legal) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "nothing is given" : "it has " + names;
}

void check_signal(const GivenSignal& given, const SignalCatalogue& catalogue, Findings& findings) {
  const CatalogueSignal* entry = known_signal({given.signal, given.place}, catalogue, findings);
  if (entry == nullptr) return;
  EntityTypeIndex index = 0;
  if (!given.entity_type.empty() && catalogue.find_entity(given.entity_type, index) == nullptr)
    findings.add("E301", given.place, fmt::format("unknown entity '{}'", given.entity_type));
  const Signal& signal = entry->signal;
  const auto outside = [&signal](const std::optional<double>& value) {
    return value && (*value < signal.range_low || *value > signal.range_high);
  };
  const auto first = std::find_if(given.values.begin(), given.values.end(), outside);
  if (first == given.values.end()) return;
  findings.add(
      "W505", given.place,
      fmt::format(
          "{} of {} values of '{}' are outside of its range, {} to {}, and never reach a rule: {} first",
          std::count_if(given.values.begin(), given.values.end(), outside), given.values.size(), given.signal,
          signal.range_low, signal.range_high, **first));
}

void check_profile(const GivenProfile& given, const SignalCatalogue& catalogue, Findings& findings) {
  for (const auto& [field, value] : given.fields) {
    if (const auto declared = catalogue.profile_fields.find(field);
        declared != catalogue.profile_fields.end()) {
      if (!fits(value, declared->second)) {
        findings.add("E302", given.place,
                     fmt::format("'{}' is a field of type {}", field, type_name(declared->second)));
      }
      continue;
    }
    if (std::find(kProfileFieldsAlways.begin(), kProfileFieldsAlways.end(), field) !=
        kProfileFieldsAlways.end()) {
      continue;
    }
    findings.add("E403", given.place, fmt::format("unknown profile field '{}'", field),
                 catalogue.nearest_profile_field(field));
  }
}

void check_expectation(const Expectation& expectation, const TestCase& test,
                       const std::set<std::string>& rules, const std::set<std::string>& customers,
                       Findings& findings) {
  const Named named = std::visit(NamesOf{}, expectation.what);
  const auto* nothing = std::get_if<ExpectedNothing>(&expectation.what);
  if (nothing != nullptr && nothing->to < nothing->from)
    findings.add("E501", expectation.place, "'to' lies before 'from': this is always met");
  if (!named.rule.empty() && !rules.contains(named.rule)) {
    findings.add("E405", expectation.place, fmt::format("no rule '{}' in the files under test", named.rule),
                 nearest_in(named.rule, rules));
  }
  if (named.customer.empty()) return;
  if (!customers.contains(named.customer)) {
    findings.add("E412", expectation.place, fmt::format("nothing is given of customer '{}'", named.customer),
                 nearest_in(named.customer, customers));
    return;
  }
  if (named.entity_type.empty()) return;
  std::set<std::string> things;
  for (const GivenSignal& given : test.signals) {
    const bool theirs =
        std::find(given.customers.begin(), given.customers.end(), named.customer) != given.customers.end();
    if (theirs && !given.entity_type.empty()) things.insert(given.entity_type + '/' + given.entity_id);
  }
  const std::string thing = named.entity_type + '/' + named.entity_id;
  if (things.contains(thing)) return;
  findings.add("E412", expectation.place,
               fmt::format("nothing is given of '{}' of customer '{}'", thing, named.customer),
               nearest_in(thing, things));
}

}  // namespace

void lint_test(const TestFile& file, const SignalCatalogue& catalogue, const RuleSet& rules,
               Findings& findings) {
  std::set<std::string> names;
  for (const Rule& rule : rules.rules) names.insert(rule.name);
  for (const TestCase& test : file.tests) {
    std::set<std::string> customers;
    for (const GivenSignal& given : test.signals) {
      check_signal(given, catalogue, findings);
      customers.insert(given.customers.begin(), given.customers.end());
    }
    for (const GivenProfile& given : test.profiles) {
      check_profile(given, catalogue, findings);
      customers.insert(given.customer);
    }
    for (const Expectation& expectation : test.expect)
      check_expectation(expectation, test, names, customers, findings);
  }
}

}  // namespace proactive::rules
