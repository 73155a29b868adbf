#include "config/loader/json_schema.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "config/loader/config_fields.h"

namespace proactive::config {
namespace {

using Json = nlohmann::ordered_json;

// YAML readers of editors give `true` and 42 as such, the decoder takes any plain scalar for text.
Json scalar() { return {"string", "number", "boolean"}; }

Json text_with_length(const Field& field) {
  Json schema = {{"type", scalar()}};
  // Lengths are bytes; characters are never more. The lower bound is at most 1, where both agree.
  if (std::isfinite(field.lo) && field.lo > 0) schema["minLength"] = static_cast<int>(field.lo);
  if (std::isfinite(field.hi)) schema["maxLength"] = static_cast<int>(field.hi);
  return schema;
}

Json list_of_texts(const Field& field) {
  Json entry = {{"type", scalar()}, {"minLength", 1}};
  Json list = {{"type", "array"}, {"items", entry}};
  if (std::isfinite(field.hi)) list["maxItems"] = static_cast<int>(field.hi);
  return {{"anyOf", {entry, list}}};
}

Json number_in_range(const char* type, const Field& field) {
  Json schema = {{"type", type}};
  if (std::isfinite(field.lo)) schema["minimum"] = field.lo;
  if (std::isfinite(field.hi)) schema["maximum"] = field.hi;
  return schema;
}

Json json_source() {
  const Json pointer = {{"type", "string"}, {"pattern", "^/([^~]|~[01])*$"}};
  const Json constant = {{"type", "object"},
                         {"properties", {{"const", {{"type", scalar()}}}}},
                         {"required", {"const"}},
                         {"additionalProperties", false}};
  return {{"anyOf", {pointer, constant}}};
}

Json table_schema(const FieldTable& table, bool has_substitution);

Json value_schema(const Field& field, bool has_substitution) {
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::path:
    case FieldKind::secret:
      return text_with_length(field);
    case FieldKind::name:
      return {{"type", "string"}, {"pattern", "^[a-z][a-z0-9_]{0,63}$"}};
    case FieldKind::boolean:
      return {{"type", "boolean"}};
    case FieldKind::integer:
      return number_in_range("integer", field);
    case FieldKind::number:
      return number_in_range("number", field);
    case FieldKind::duration:
      return {{"type", "string"}, {"pattern", "^(0|[1-9][0-9]*)(ms|s|m|h|d|w)$"}};
    case FieldKind::size:
      return {{"type", "string"}, {"pattern", "^(0|[1-9][0-9]*)([.][0-9]+)?([kMGT]?B|[KMGT]iB)$"}};
    case FieldKind::share:
      return {{"type", "string"}, {"pattern", "^(0|[1-9][0-9]*)([.][0-9]+)?%$"}};
    case FieldKind::quantity:
      return {{"type", {"number", "string"}}};
    case FieldKind::choice: {
      Json choices = Json::array();
      for (const std::string_view choice : field.choices) choices.push_back(choice);
      return {{"enum", choices}};
    }
    case FieldKind::texts:
    case FieldKind::paths:
      return list_of_texts(field);
    case FieldKind::source:
      return json_source();
    case FieldKind::sources:
      return {{"type", "object"}, {"additionalProperties", json_source()}};
    case FieldKind::text_map:
      return {{"type", "object"}, {"additionalProperties", {{"type", scalar()}}}};
    case FieldKind::mapping:
      return table_schema(*field.child, has_substitution);
    case FieldKind::list:
      return {{"type", "array"}, {"items", table_schema(*field.child, has_substitution)}};
    case FieldKind::any:
      return Json::object();
  }
  return Json::object();
}

// With the word that stands in for a value, and with ${...} where scalars may have it.
Json field_schema(const Field& field, bool has_substitution) {
  Json schema = value_schema(field, has_substitution);
  const bool is_scalar = field.kind != FieldKind::mapping && field.kind != FieldKind::list &&
                         field.kind != FieldKind::text_map && field.kind != FieldKind::sources;
  Json alternatives = Json::array({schema});
  if (!field.word.empty()) alternatives.push_back({{"const", field.word}});
  if (has_substitution && is_scalar) alternatives.push_back({{"type", "string"}, {"pattern", "[$][{]"}});
  if (alternatives.size() > 1) schema = {{"anyOf", alternatives}};
  if (!field.doc.empty()) schema["description"] = field.doc;
  return schema;
}

Json table_schema(const FieldTable& table, bool has_substitution) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field& field : table.fields) {
    if (field.need == Need::later) continue;
    properties[std::string(field.key)] = field_schema(field, has_substitution);
    if (field.need == Need::required) required.push_back(field.key);
  }
  Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

}  // namespace

std::string json_schema(const FieldTable& root, std::string_view title, bool has_substitution) {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
  schema.update(table_schema(root, has_substitution));
  return schema.dump(2) + "\n";
}

std::string config_json_schema() { return json_schema(config_table(), "proactived configuration", true); }

}  // namespace proactive::config
