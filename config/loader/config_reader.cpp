#include "config/loader/config_reader.h"

#include <cmath>

#include "config/loader/decode_fields.h"
#include "config/loader/read_secret.h"
#include "models/base/check.h"

namespace proactive::config {
namespace {

// The table's bounds in the unit of the value; an infinite bound is the type's own.
template <class T>
Bounds<T> bounds_of(const Field& field, T lowest) {
  Bounds<T> bounds{lowest, std::numeric_limits<T>::max()};
  if (std::isfinite(field.lo)) bounds.lo = static_cast<T>(field.lo);
  if (std::isfinite(field.hi)) bounds.hi = static_cast<T>(field.hi);
  return bounds;
}

Bounds<Duration> duration_bounds(const Field& field) {
  Bounds<Duration> bounds{Duration::zero(), Duration::max()};
  using Seconds = std::chrono::duration<double>;
  if (std::isfinite(field.lo)) bounds.lo = std::chrono::duration_cast<Duration>(Seconds(field.lo));
  if (std::isfinite(field.hi)) bounds.hi = std::chrono::duration_cast<Duration>(Seconds(field.hi));
  return bounds;
}

// RFC 6901; "" would be the whole record, which is no value.
bool is_json_pointer(std::string_view text) {
  if (text.empty() || text.front() != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 >= text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

}  // namespace

ConfigReader::ConfigReader(const TreeNode* node, const FieldTable& table, const ReadContext& context)
    : node_(node), table_(table), context_(context) {
  if (node_ != nullptr && !check_members(*node_, table_, context_.findings, &context_.root)) node_ = nullptr;
}

const Field& ConfigReader::field(std::string_view key) const {
  const Field* found = table_.find(key);
  PROACTIVE_CHECK(found != nullptr);
  return *found;
}

const FieldTable& ConfigReader::child_table(std::string_view key) const {
  const Field& found = field(key);
  PROACTIVE_CHECK(found.child != nullptr);
  return *found.child;
}

const TreeNode* ConfigReader::find(std::string_view key, FieldKind kind) const {
  PROACTIVE_CHECK(field(key).kind == kind);
  return node_ == nullptr ? nullptr : node_->find(key);
}

bool ConfigReader::is_word(const TreeNode& node, const Field& field) const {
  return node.kind == NodeKind::scalar && !field.word.empty() && node.text == field.word;
}

bool ConfigReader::has_legal_length(const TreeNode& node, const Field& field, std::size_t length,
                                    std::string_view unit) {
  const auto size = static_cast<double>(length);
  if (size >= field.lo && size <= field.hi) return true;
  if (length == 0) {
    context_.findings.add("E303", node.place, "'" + std::string(field.key) + "' is empty");
  } else {
    context_.findings.add(
        "E303", node.place, "'" + std::string(field.key) + "' is too long",
        "it can have " + std::to_string(static_cast<std::size_t>(field.hi)) + " " + std::string(unit));
  }
  return false;
}

void ConfigReader::text(std::string_view key, std::string& member) {
  const TreeNode* node = find(key, FieldKind::text);
  if (node == nullptr) return;
  std::optional<std::string> value = as_text(*node, context_.findings);
  if (value && has_legal_length(*node, field(key), value->size(), "bytes")) member = std::move(*value);
}

void ConfigReader::path(std::string_view key, std::string& member) {
  const TreeNode* node = find(key, FieldKind::path);
  if (node == nullptr) return;
  const std::optional<std::string> value = as_text(*node, context_.findings);
  if (value && has_legal_length(*node, field(key), value->size(), "bytes"))
    member = beside(context_.file, *value);
}

void ConfigReader::flag(std::string_view key, bool& member) {
  const TreeNode* node = find(key, FieldKind::boolean);
  if (node == nullptr) return;
  if (const std::optional<bool> value = as_bool(*node, context_.findings)) member = *value;
}

void ConfigReader::count(std::string_view key, std::uint32_t& member) {
  const TreeNode* node = find(key, FieldKind::integer);
  if (node == nullptr) return;
  const auto value = as_integer(*node, context_.findings, bounds_of<std::int64_t>(field(key), 0));
  if (value) member = static_cast<std::uint32_t>(*value);
}

void ConfigReader::number(std::string_view key, double& member) {
  const TreeNode* node = find(key, FieldKind::number);
  if (node == nullptr) return;
  const auto value = as_number(*node, context_.findings,
                               bounds_of<double>(field(key), std::numeric_limits<double>::lowest()));
  if (value) member = *value;
}

void ConfigReader::duration(std::string_view key, Duration& member) {
  const TreeNode* node = find(key, FieldKind::duration);
  if (node == nullptr) return;
  if (const auto value = as_duration(*node, context_.findings, duration_bounds(field(key)))) member = *value;
}

void ConfigReader::size(std::string_view key, std::uint64_t& member) {
  const TreeNode* node = find(key, FieldKind::size);
  if (node == nullptr) return;
  if (const auto value = as_size(*node, context_.findings, bounds_of<std::uint64_t>(field(key), 0)))
    member = *value;
}

void ConfigReader::read_list(std::string_view key, FieldKind kind, std::vector<std::string>& member) {
  const TreeNode* node = find(key, kind);
  if (node == nullptr) return;
  std::optional<std::vector<std::string>> value = as_texts(*node, context_.findings);
  if (!value || !has_legal_length(*node, field(key), value->size(), "entries")) return;
  for (std::size_t i = 0; i < value->size(); ++i) {
    if (!(*value)[i].empty()) continue;
    context_.findings.add("E303", node->kind == NodeKind::sequence ? node->items[i].place : node->place,
                          "an entry of '" + std::string(key) + "' is empty");
    return;
  }
  member = std::move(*value);
}

void ConfigReader::texts(std::string_view key, std::vector<std::string>& member) {
  read_list(key, FieldKind::texts, member);
}

void ConfigReader::paths(std::string_view key, std::vector<std::string>& member) {
  std::vector<std::string> written;
  read_list(key, FieldKind::paths, written);
  if (written.empty()) return;
  member.clear();
  for (const std::string& path : written) member.push_back(beside(context_.file, path));
}

void ConfigReader::text_map(std::string_view key, std::map<std::string, std::string>& member) {
  const TreeNode* node = find(key, FieldKind::text_map);
  if (node == nullptr) return;
  if (auto value = as_text_map(*node, context_.findings)) member = std::move(*value);
}

void ConfigReader::secret(std::string_view key, Secret& member) {
  const TreeNode* node = find(key, FieldKind::secret);
  if (node == nullptr) return;
  const std::optional<std::string> name = as_text(*node, context_.findings);
  if (!name || !has_legal_length(*node, field(key), name->size(), "bytes")) return;
  if (auto value = read_secret(*name, node->place, context_.file, context_.environment, context_.findings)) {
    member = std::move(*value);
  }
}

void ConfigReader::auto_count(std::string_view key, std::uint32_t& member) {
  const TreeNode* node = find(key, FieldKind::integer);
  if (node == nullptr) return;
  if (is_word(*node, field(key))) {
    member = 0;
  } else {
    count(key, member);
  }
}

void ConfigReader::auto_size(std::string_view key, std::uint64_t& member) {
  const TreeNode* node = find(key, FieldKind::size);
  if (node == nullptr) return;
  if (is_word(*node, field(key))) {
    member = 0;
  } else {
    size(key, member);
  }
}

void ConfigReader::never_or_duration(std::string_view key, std::optional<Duration>& member) {
  const TreeNode* node = find(key, FieldKind::duration);
  if (node == nullptr) return;
  if (is_word(*node, field(key))) {
    member = std::nullopt;
    return;
  }
  Duration value = member.value_or(Duration::zero());
  duration(key, value);
  member = value;
}

std::optional<std::size_t> ConfigReader::choice_index(std::string_view key) {
  const TreeNode* node = find(key, FieldKind::choice);
  if (node == nullptr) return std::nullopt;
  const Field& known = field(key);
  for (const std::string_view later : known.later_choices) {
    if (node->kind != NodeKind::scalar || node->text != later) continue;
    context_.findings.add("E209", node->place,
                          "'" + std::string(later) + "' for '" + std::string(key) + "' is not available yet");
    return std::nullopt;
  }
  return as_enum(*node, key, known.choices, context_.findings);
}

void ConfigReader::choice(std::string_view key, std::string& member) {
  if (const std::optional<std::size_t> index = choice_index(key)) member = field(key).choices[*index];
}

std::optional<FieldSource> ConfigReader::read_source(const TreeNode& node) {
  constexpr std::string_view kExpected = "a JSON Pointer such as /device/id, or {const: text}";
  if (node.kind == NodeKind::mapping) {
    const TreeNode* constant = node.find("const");
    if (constant == nullptr || node.members.size() != 1) {
      wrong_kind(node, kExpected, context_.findings);
      return std::nullopt;
    }
    std::optional<std::string> text = as_text(*constant, context_.findings);
    if (!text) return std::nullopt;
    return FieldSource{{}, std::move(text)};
  }
  if (node.kind == NodeKind::scalar && is_json_pointer(node.text))
    return FieldSource{node.text, std::nullopt};
  wrong_kind(node, kExpected, context_.findings);
  return std::nullopt;
}

void ConfigReader::mapping(std::string_view key, FieldMapping& member) {
  const TreeNode* node = find(key, FieldKind::mapping);
  if (node == nullptr) return;
  const FieldTable& table = child_table(key);
  if (!check_members(*node, table, context_.findings, &context_.root)) return;
  for (const Field& known : table.fields) {
    const TreeNode* value = node->find(known.key);
    if (value == nullptr) continue;
    if (known.kind == FieldKind::source) {
      if (auto source = read_source(*value)) member.fields.emplace(known.key, std::move(*source));
      continue;
    }
    if (value->kind != NodeKind::mapping) {
      wrong_kind(*value, "a mapping of names to JSON Pointers", context_.findings);
      continue;
    }
    for (const TreeNode::Member& dim : value->members) {
      if (auto source = read_source(dim.value)) member.dims.emplace(dim.key, std::move(*source));
    }
  }
}

}  // namespace proactive::config
