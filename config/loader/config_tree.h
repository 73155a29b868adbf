// The strict YAML tree: an immutable tree of plain nodes with places, read over yaml-cpp's EventHandler.
//
// Refused with findings (rules.md 9, class 1): duplicate keys, anchors, aliases, tags, `<<`, a second document, tabs,
// invalid UTF-8, too large or too deep. config_tree.cpp is the only file that meets yaml-cpp and its exceptions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader/diagnostics.h"

namespace proactive::config {

enum class NodeKind : std::uint8_t { null, scalar, sequence, mapping };

struct TreeNode {
  struct Member;

  NodeKind kind = NodeKind::null;
  std::string text;             // of a scalar
  bool quoted = false;          // a quoted scalar is text, never a number or bool
  Place place;                  // of the node; of the key where an empty value has no mark of its own
  std::vector<TreeNode> items;  // of a sequence
  std::vector<Member> members;  // of a mapping, in file order

  [[nodiscard]] const TreeNode* find(std::string_view key) const;  // nullptr if absent or not a mapping
};

struct TreeNode::Member {
  std::string key;
  Place key_place;
  TreeNode value;
};

struct TreeLimits {
  std::size_t max_bytes = 1 << 20;
  std::size_t max_nodes = 100'000;
  std::size_t max_depth = 32;
};

// Reads one document. Findings go to `findings`, with the text for carets; nullptr when the tree can't be used.
[[nodiscard]] std::unique_ptr<TreeNode> read_tree(const std::string& file, std::string_view text,
                                                  Findings& findings, const TreeLimits& limits = {});

}  // namespace proactive::config
