// A customer's profile: the top-level scalars of an object. Nested values are read over.
#pragma once

#include <tsl/robin_set.h>

#include <string>
#include <vector>

#include "daemon/codec/telemetry_fields.h"

namespace proactive::daemon {

inline constexpr std::size_t kMaxProfileFields = 256;

struct ProfileFields {
  Token customer, version;
  std::vector<Dim> fields;
  std::optional<DecodeError> fault;  // the first in a field that somebody reads

  void clear();
};

class ProfileShape {
 public:
  // Fields that rules look up, and those the outreach event shows. Only they can make a record bad; of the
  // others, what is too long or too many is left out.
  void use_rules(const rules::RuleSet* rules);

  [[nodiscard]] Step read(JsonReader& reader, JsonObject& object, int depth, const DecodeLimits& limits,
                          ProfileFields& into) const;

 private:
  void add(std::string_view name, const Token& token, const DecodeLimits& limits, ProfileFields& into) const;

  tsl::robin_set<std::string_view> wanted_;  // names live in the rule set or in the program
};

// `fallback`: the envelope's partitionkey, may be absent; then the record's key. Fills a fresh event.
[[nodiscard]] std::optional<DecodeError> interpret(const ProfileFields& fields, const InputRecord& record,
                                                   const Token& fallback, const DecodeLimits& limits,
                                                   ProfileEvent& event);

}  // namespace proactive::daemon
