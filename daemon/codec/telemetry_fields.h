// The canonical fields of one telemetry record as tokens, whatever shape they came from, and the one place
// that turns them into a TelemetryEvent. Shapes (telemetry_json, field_mapping, cloud_event) fill;
// interpret() judges.
#pragma once

#include <tsl/robin_map.h>

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/codec/json_reader.h"

namespace proactive::daemon {

// Signal names of the rules in force; unknown ones are dropped before anything else is read.
class SignalTable {
 public:
  void use_rules(const rules::RuleSet* rules);  // nullptr: no signal is used
  [[nodiscard]] std::optional<rules::TypeIndex> find(std::string_view signal) const;

 private:
  tsl::robin_map<std::string_view, rules::TypeIndex> types_;  // names live in the rule set
};

// How far reading a record came.
enum class Reading : std::uint8_t {
  failed,  // see JsonReader::error()
  complete,
  unused,       // the signal is no rule's: the rest was not read
  cloud_event,  // a top-level `specversion` turned up: to be read again as an envelope
};

struct TelemetryFields {
  Token event_time, customer, signal, value, event_id, entity, entity_type, entity_id, unit, kind;
  rules::TypeIndex type = 0;
  bool lenient_time = false;      // field mapping: also "YYYY-MM-DD HH:MM:SS" and fractions of epoch seconds
  bool integer_ids = false;       // field mapping: an id may be an integer
  bool time_from_record = false;  // field mapping without event_time
  std::vector<Dim> dims;
  std::optional<DecodeError> dims_fault;  // the first; told only if the record's signal is used

  void clear();
  // Looks up the type of `signal`; false: no rule uses it. Faulty ones are left for interpret().
  [[nodiscard]] bool find_signal(const SignalTable& signals, const DecodeLimits& limits);
  void add_dim(std::string_view name, const Token& token, const DecodeLimits& limits);
};

// Judges in this order: signal, customer_id, event_time, value and kind, entity, dims, unit, event_id; the first fault
// is the record's. `payload`: what was decoded, for the id of records without one. Fills a fresh event.
[[nodiscard]] std::optional<DecodeError> interpret(const TelemetryFields& fields, const InputRecord& record,
                                                   std::string_view payload, const DecodeLimits& limits,
                                                   TelemetryEvent& event);

// An id of a customer or entity: 1..max bytes, no control character. nullopt: sound.
[[nodiscard]] std::optional<DecodeCode> fault_of_id(std::string_view id, std::size_t max_bytes);

// fault_of_id(), and nothing that names a person: see looks_personal().
[[nodiscard]] std::optional<DecodeCode> fault_of_customer(std::string_view id, const DecodeLimits& limits);

// An e-mail address; or a phone number written with + or in groups of 3-3-4. Plain digits are a common form
// of id and pass.
[[nodiscard]] bool looks_personal(std::string_view id);

}  // namespace proactive::daemon
