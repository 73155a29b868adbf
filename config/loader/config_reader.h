// Fills members from one mapping of the configuration (bind_config.h): kind, range and words come from the field table.
// A key that is absent or wrong leaves the member at its default; what is wrong becomes a finding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/loader/config_tree.h"
#include "config/loader/daemon_config.h"
#include "config/loader/field_table.h"
#include "config/loader/substitute.h"

namespace proactive::config {

// What all sections of one file share.
struct ReadContext {
  const std::string& file;
  const Environment& environment;
  Findings& findings;
  const FieldTable& root;
};

class ConfigReader {
 public:
  // `node` may be nullptr: an absent section, whose required keys are not missed. Both live longer than the reader.
  ConfigReader(const TreeNode* node, const FieldTable& table, const ReadContext& context);

  void text(std::string_view key, std::string& member);
  void path(std::string_view key, std::string& member);
  void flag(std::string_view key, bool& member);
  void count(std::string_view key, std::uint32_t& member);
  void number(std::string_view key, double& member);
  void duration(std::string_view key, Duration& member);
  void size(std::string_view key, std::uint64_t& member);
  void texts(std::string_view key, std::vector<std::string>& member);
  void paths(std::string_view key, std::vector<std::string>& member);
  void text_map(std::string_view key, std::map<std::string, std::string>& member);
  void secret(std::string_view key, Secret& member);
  void auto_count(std::string_view key, std::uint32_t& member);                   // the word is 0
  void auto_size(std::string_view key, std::uint64_t& member);                    // the word is 0
  void never_or_duration(std::string_view key, std::optional<Duration>& member);  // the word is nullopt
  void mapping(std::string_view key, FieldMapping& member);
  void choice(std::string_view key, std::string& member);

  template <class Enum>
  requires std::is_enum_v<Enum>
  void choice(std::string_view key, Enum& member) {
    if (const std::optional<std::size_t> index = choice_index(key)) member = static_cast<Enum>(*index);
  }

  template <class Body>
  void section(std::string_view key, const Body& body) {
    ConfigReader child(find(key, FieldKind::mapping), child_table(key), context_);
    body(child);
  }

  template <class T, class Body>
  void optional_section(std::string_view key, std::optional<T>& member, const Body& body) {
    const TreeNode* node = find(key, FieldKind::mapping);
    if (node == nullptr) return;
    ConfigReader child(node, child_table(key), context_);
    body(child, member.emplace());
  }

 private:
  // The value of `key`, nullptr if absent. The key must be in the table with this kind: a check, not a finding.
  const TreeNode* find(std::string_view key, FieldKind kind) const;
  [[nodiscard]] const Field& field(std::string_view key) const;
  [[nodiscard]] const FieldTable& child_table(std::string_view key) const;
  [[nodiscard]] std::optional<std::size_t> choice_index(std::string_view key);
  // True if the node is the word that stands in for a value.
  [[nodiscard]] bool is_word(const TreeNode& node, const Field& field) const;
  void read_list(std::string_view key, FieldKind kind, std::vector<std::string>& member);
  [[nodiscard]] bool has_legal_length(const TreeNode& node, const Field& field, std::size_t length,
                                      std::string_view unit);
  [[nodiscard]] std::optional<FieldSource> read_source(const TreeNode& node);

  const TreeNode* node_;
  const FieldTable& table_;
  const ReadContext& context_;
};

}  // namespace proactive::config
