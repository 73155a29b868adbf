// The signal catalogue: what signals, entities and profile fields are called, and where they stand in a record.
// Rules name signals and nothing else of the wire.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader/config_tree.h"
#include "config/loader/diagnostics.h"
#include "rules/engine/rule.h"

namespace proactive::rules {

enum class ProfileFieldType : std::uint8_t { text, number, boolean, bytes, time_zone };
[[nodiscard]] std::string_view type_name(ProfileFieldType type);
// Whether a value as it is written in YAML is one of that type.
[[nodiscard]] bool fits(const std::variant<std::string, double, bool>& value, ProfileFieldType type);

struct CatalogueSignal {
  Signal signal;     // its type index is given by compile_rules
  std::string type;  // the record's signal name
  config::Place place;
  std::string canonical;  // of everything that gives its values their meaning
};

struct SignalCatalogue {
  std::vector<EntityType> entity_types{{"customer", ""}};
  std::map<std::string, CatalogueSignal, std::less<>> signals;
  std::map<std::string, ProfileFieldType, std::less<>> profile_fields;

  [[nodiscard]] const CatalogueSignal* find_signal(std::string_view name) const;
  // "did you mean 'customer.plan'?", or nothing.
  [[nodiscard]] std::string nearest_profile_field(std::string_view wrong) const;
  [[nodiscard]] const EntityType* find_entity(std::string_view name, EntityTypeIndex& index) const;
};

// Adds one file to the catalogue. Findings go to `findings`; what has none is added.
void parse_signals(const config::TreeNode& root, SignalCatalogue& catalogue, config::Findings& findings);

// `version: 1`, which every file of the rule language starts with.
void check_version(const config::TreeNode& root, config::Findings& findings);

}  // namespace proactive::rules
