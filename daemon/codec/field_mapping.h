// A team's own JSON read by JSON Pointers (`shape: fields`): the pointers become a tree that is walked along
// with the record, so that each record is read once whatever the number of fields.
#pragma once

#include <string>
#include <vector>

#include "daemon/codec/telemetry_fields.h"

namespace proactive::daemon {

class MappedShape {
 public:
  explicit MappedShape(const config::FieldMapping& mapping);

  // True if the signal is a constant that no rule uses: such a topic needs no reading.
  [[nodiscard]] bool constant_signal_unused(const SignalTable& signals) const;

  // REQUIRES: fields are clear.
  [[nodiscard]] Reading read(JsonReader& reader, JsonObject& object, const SignalTable& signals,
                             const DecodeLimits& limits, TelemetryFields& into);

 private:
  // Fields that pointers may fill; dims follow from kDims on.
  enum Slot : std::uint16_t {
    event_time,
    customer_id,
    signal,
    value,
    event_id,
    entity_type,
    entity_id,
    unit,
    kind,
    kDims
  };

  struct Node {
    std::string key;                      // the reference token, unescaped
    std::vector<std::uint32_t> children;  // indices into nodes_
    std::vector<std::uint16_t> slots;     // what this value fills
    std::uint64_t seen_in = 0;  // number of the record that met it last: the first of duplicate keys wins
  };
  struct Constant {
    std::uint16_t slot;
    std::string text;
  };

  void add(std::uint16_t slot, const config::FieldSource& source);
  [[nodiscard]] Step visit(JsonReader& reader, JsonValue& value, std::uint32_t node, int depth,
                           TelemetryFields& into);
  [[nodiscard]] Step visit_children(JsonReader& reader, JsonObject& object, std::uint32_t node, int depth,
                                    TelemetryFields& into);
  [[nodiscard]] Step visit_elements(JsonReader& reader, JsonValue& value, std::uint32_t node, int depth,
                                    TelemetryFields& into);
  [[nodiscard]] bool fill(std::uint16_t slot, const Token& token,
                          TelemetryFields& into);                                     // false: unused signal
  [[nodiscard]] std::uint32_t child(std::uint32_t node, std::string_view key) const;  // 0: none

  std::vector<Node> nodes_;  // 0 is the root, which is no one's child
  std::vector<std::string> dims_;
  std::vector<Constant> constants_;
  bool maps_event_time_ = false;
  std::uint64_t record_ = 0;
  const SignalTable* signals_ = nullptr;  // during read()
  const DecodeLimits* limits_ = nullptr;  // during read()
};

}  // namespace proactive::daemon
