// Two decodings of one record, compared.
#pragma once

#include <string>

#include "daemon/codec/decode.h"

namespace proactive::test {

// The first thing in which they differ; empty: nothing.
inline std::string difference(const Result<daemon::InputEvent, daemon::DecodeError>& a,
                              const Result<daemon::InputEvent, daemon::DecodeError>& b) {
  if (a.has_value() != b.has_value()) return "one is refused";
  if (!a) {
    if (a.error().code != b.error().code) return "code";
    if (a.error().field != b.error().field) return "field";
    return a.error().byte == b.error().byte ? "" : "byte";
  }
  if (a->index() != b->index()) return "kind of event";
  const auto* one = std::get_if<TelemetryEvent>(&*a);
  if (one == nullptr) return "";
  const auto& other = std::get<TelemetryEvent>(*b);
  if (one->type != other.type || one->signal != other.signal) return "signal";
  if (one->customer != other.customer) return "customer";
  if (one->time != other.time) return "time";
  if (one->value != other.value) return "value";
  if (one->kind != other.kind) return "kind";
  if (one->unit != other.unit) return "unit";
  if (one->entity_type != other.entity_type || one->entity_id != other.entity_id) return "entity";
  if (one->id_hash != other.id_hash) return "id";
  if (one->dims.size() != other.dims.size()) return "number of dims";
  for (std::size_t i = 0; i < one->dims.size(); ++i) {
    if (one->dims[i].name != other.dims[i].name || one->dims[i].value != other.dims[i].value) return "dims";
  }
  return "";
}

}  // namespace proactive::test
