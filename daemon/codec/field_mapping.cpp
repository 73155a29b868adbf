#include "daemon/codec/field_mapping.h"

#include <array>
#include <charconv>

namespace proactive::daemon {

namespace {

constexpr std::array<std::string_view, 9> kSlotNames = {
    "event_time", "customer_id", "signal", "value", "event_id", "entity_type", "entity_id", "unit", "kind"};

// RFC 6901: "~1" is "/", "~0" is "~".
std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
      text += token[++i] == '0' ? '~' : '/';
    } else {
      text += token[i];
    }
  }
  return text;
}

}  // namespace

MappedShape::MappedShape(const config::FieldMapping& mapping) : nodes_(1) {
  for (std::uint16_t slot = 0; slot < kSlotNames.size(); ++slot) {
    const auto found = mapping.fields.find(std::string(kSlotNames[slot]));
    if (found == mapping.fields.end()) continue;
    add(slot, found->second);
    if (slot == event_time) maps_event_time_ = true;
  }
  for (const auto& [name, source] : mapping.dims) {
    dims_.push_back(name);
    add(static_cast<std::uint16_t>(kDims + dims_.size() - 1), source);
  }
}

void MappedShape::add(std::uint16_t slot, const config::FieldSource& source) {
  if (source.constant) {
    constants_.push_back({slot, *source.constant});
    return;
  }
  std::uint32_t node = 0;
  std::string_view rest = source.pointer;
  while (!rest.empty()) {
    rest.remove_prefix(rest.front() == '/' ? 1 : 0);
    const std::size_t end = rest.find('/');
    const std::string key = unescaped(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    std::uint32_t next = child(node, key);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      Node added;
      added.key = key;
      nodes_.push_back(added);
      nodes_[node].children.push_back(next);
    }
    node = next;
  }
  if (node != 0) nodes_[node].slots.push_back(slot);
}

std::uint32_t MappedShape::child(std::uint32_t node, std::string_view key) const {
  for (const std::uint32_t each : nodes_[node].children) {
    if (nodes_[each].key == key) return each;
  }
  return 0;
}

bool MappedShape::constant_signal_unused(const SignalTable& signals) const {
  for (const Constant& constant : constants_) {
    if (constant.slot == signal) return !signals.find(constant.text);
  }
  return false;
}

Reading MappedShape::read(JsonReader& reader, JsonObject& object, const SignalTable& signals,
                          const DecodeLimits& limits, TelemetryFields& into) {
  ++record_;
  signals_ = &signals;
  limits_ = &limits;
  into.lenient_time = true;
  into.integer_ids = true;
  into.time_from_record = !maps_event_time_;
  for (const Constant& constant : constants_) {
    const Token::Type type = constant.slot == value ? Token::Type::number : Token::Type::string;
    if (!fill(constant.slot, Token{type, -1, constant.text}, into)) return Reading::unused;
  }
  switch (visit_children(reader, object, 0, 1, into)) {
    case Step::next:
      return Reading::complete;
    case Step::stop:
      return Reading::unused;
    case Step::failed:
      break;
  }
  return Reading::failed;
}

Step MappedShape::visit_children(JsonReader& reader, JsonObject& object, std::uint32_t node, int depth,
                                 TelemetryFields& into) {
  return reader.each_field(object, [&](std::string_view key, JsonValue& inner) {
    return visit(reader, inner, child(node, key), depth + 1, into);
  });
}

Step MappedShape::visit_elements(JsonReader& reader, JsonValue& json, std::uint32_t node, int depth,
                                 TelemetryFields& into) {
  JsonArray array;
  if (json.get_array().get(array) != simdjson::SUCCESS) return reader.syntax_error();
  std::uint32_t index = 0;
  for (auto element : array) {
    JsonValue inner;
    if (element.get(inner) != simdjson::SUCCESS) return reader.syntax_error();
    char digits[16];
    const char* const end = std::to_chars(digits, digits + sizeof digits, index++).ptr;
    const std::string_view key(digits, static_cast<std::size_t>(end - digits));
    const Step step = visit(reader, inner, child(node, key), depth + 1, into);
    if (step != Step::next) return step;
  }
  return Step::next;
}

Step MappedShape::visit(JsonReader& reader, JsonValue& json, std::uint32_t node, int depth,
                        TelemetryFields& into) {
  if (node == 0 || nodes_[node].seen_in == record_) return reader.skip(json, depth);
  nodes_[node].seen_in = record_;
  const char first = first_of(json);
  const bool descends = (first == '{' || first == '[') && nodes_[node].slots.empty();
  if (descends) {
    if (depth >= kMaxJsonDepth) return reader.syntax_error();
    if (first == '[') return visit_elements(reader, json, node, depth, into);
    JsonObject object;
    if (json.get_object().get(object) != simdjson::SUCCESS) return reader.syntax_error();
    return visit_children(reader, object, node, depth, into);
  }
  Token token;
  const Step step = reader.scalar(json, depth, token);
  if (step != Step::next) {
    if (reader.error().code == DecodeCode::not_finite && !nodes_[node].slots.empty()) {
      const std::uint16_t slot = nodes_[node].slots.front();
      reader.blame(slot < kDims ? kSlotNames[slot] : std::string_view("dims"));
    }
    return step;
  }
  for (const std::uint16_t slot : nodes_[node].slots) {
    if (!fill(slot, token, into)) return Step::stop;
  }
  return Step::next;
}

bool MappedShape::fill(std::uint16_t slot, const Token& token, TelemetryFields& into) {
  Token* const fields[] = {&into.event_time,  &into.customer,  &into.signal, &into.value, &into.event_id,
                           &into.entity_type, &into.entity_id, &into.unit,   &into.kind};
  if (slot >= kDims) {
    into.add_dim(dims_[slot - kDims], token, *limits_);
    return true;
  }
  *fields[slot] = token;
  return slot != signal || into.find_signal(*signals_, *limits_);
}

}  // namespace proactive::daemon
