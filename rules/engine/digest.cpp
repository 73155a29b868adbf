#include "rules/engine/digest.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>

namespace proactive::rules {
namespace {

void append_node(std::string& into, const config::TreeNode& node) {
  switch (node.kind) {
    case config::NodeKind::null:
      into += "null";
      return;
    case config::NodeKind::scalar:
      append_quoted(into, node.text);
      return;
    case config::NodeKind::sequence:
      into += '[';
      for (const config::TreeNode& item : node.items) {
        append_node(into, item);
        into += ',';
      }
      into += ']';
      return;
    case config::NodeKind::mapping:
      std::vector<const config::TreeNode::Member*> members;
      for (const auto& member : node.members) members.push_back(&member);
      std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
      into += '{';
      for (const auto* member : members) {
        append_quoted(into, member->key);
        into += ':';
        append_node(into, member->value);
        into += ',';
      }
      into += '}';
      return;
  }
}

}  // namespace

std::uint64_t digest64(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string hex16(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

std::string canonical_text(const config::TreeNode& node) {
  std::string text;
  append_node(text, node);
  return text;
}

void append_quoted(std::string& into, std::string_view text) {
  into += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') into += '\\';
    into += c;
  }
  into += '"';
}

}  // namespace proactive::rules
