#include "config/loader/field_table.h"

#include <algorithm>

#include "config/loader/decode_fields.h"
#include "config/loader/utf8.h"

namespace proactive::config {
namespace {

// Where else under `table` the key is legal: the `what` of its table.
std::string_view find_elsewhere(std::string_view key, const FieldTable& table, const FieldTable& here) {
  if (&table != &here && table.find(key) != nullptr && table.find(key)->need != Need::later)
    return table.what;
  for (const Field& field : table.fields) {
    if (field.child == nullptr) continue;
    const std::string_view found = find_elsewhere(key, *field.child, here);
    if (!found.empty()) return found;
  }
  return {};
}

std::string list_keys(const FieldTable& table) {
  std::string keys;
  for (const Field& field : table.fields) {
    if (field.need == Need::later) continue;
    keys += keys.empty() ? "" : ", ";
    keys += field.key;
  }
  return keys;
}

void report_unknown(const TreeNode::Member& member, const FieldTable& table, const FieldTable* root,
                    Findings& findings) {
  const std::string message = "unknown key '" + member.key + "' in " + std::string(table.what);
  std::vector<std::string_view> legal;
  for (const Field& field : table.fields) {
    if (field.need != Need::later) legal.push_back(field.key);
  }
  const std::string nearest = did_you_mean(member.key, legal);
  if (!nearest.empty()) {
    findings.add("E201", member.key_place, message, "did you mean '" + nearest + "'?");
    return;
  }
  const std::string_view elsewhere =
      root == nullptr ? std::string_view{} : find_elsewhere(member.key, *root, table);
  if (!elsewhere.empty()) {
    findings.add("E202", member.key_place,
                 "key '" + member.key + "' does not belong in " + std::string(table.what),
                 "it belongs in " + std::string(elsewhere));
    return;
  }
  findings.add("E201", member.key_place, message, "the keys here are " + list_keys(table));
}

}  // namespace

const Field* FieldTable::find(std::string_view key) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

bool check_members(const TreeNode& node, const FieldTable& table, Findings& findings,
                   const FieldTable* root) {
  if (node.kind != NodeKind::mapping) {
    wrong_kind(node, std::string(table.what) + " to be a mapping", findings);
    return false;
  }
  for (const TreeNode::Member& member : node.members) {
    const Field* field = table.find(member.key);
    if (field == nullptr) {
      report_unknown(member, table, root, findings);
    } else if (field->need == Need::later) {
      findings.add("E209", member.key_place, "key '" + member.key + "' is not available yet", "remove it");
    }
  }
  for (const Field& field : table.fields) {
    if (field.need != Need::required || node.find(field.key) != nullptr) continue;
    std::string suggestion = field.example.empty() ? "" : "for example " + std::string(field.key) + ": ";
    suggestion += field.example;
    findings.add("E203", node.place, std::string(table.what) + " has no '" + std::string(field.key) + "'",
                 std::move(suggestion));
  }
  return true;
}

}  // namespace proactive::config
