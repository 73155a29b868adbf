// Writes members as YAML (bind_config.h): the counterpart of ConfigReader. What it writes loads again; a secret is
// written as <redacted>, a '$' as '$$'.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/loader/daemon_config.h"
#include "config/loader/field_table.h"

namespace proactive::config {

// `text` as a YAML scalar: plain where that is safe, else in double quotes.
[[nodiscard]] std::string yaml_scalar(std::string_view text);

class ConfigWriter {
 public:
  ConfigWriter(std::string& out, const FieldTable& table, int depth)
      : out_(out), table_(table), depth_(depth) {}

  // Left out when empty, where empty would not load.
  void text(std::string_view key, const std::string& member);
  void path(std::string_view key, const std::string& member);
  void flag(std::string_view key, bool member);
  void count(std::string_view key, std::uint32_t member);
  void number(std::string_view key, double member);
  void duration(std::string_view key, Duration member);
  void size(std::string_view key, std::uint64_t member);
  void texts(std::string_view key, const std::vector<std::string>& member);
  void paths(std::string_view key, const std::vector<std::string>& member);
  void text_map(std::string_view key, const std::map<std::string, std::string>& member);
  void secret(std::string_view key, const Secret& member);  // left out when empty
  void auto_count(std::string_view key, std::uint32_t member);
  void auto_size(std::string_view key, std::uint64_t member);
  void never_or_duration(std::string_view key, const std::optional<Duration>& member);
  void mapping(std::string_view key, const FieldMapping& member);  // left out when empty
  void choice(std::string_view key, const std::string& member);

  template <class Enum>
  requires std::is_enum_v<Enum>
  void choice(std::string_view key, const Enum& member) {
    plain(key, table_.find(key)->choices[static_cast<std::size_t>(member)]);
  }

  template <class Body>
  void section(std::string_view key, const Body& body) {
    const std::size_t before = out_.size();
    open(key);
    const std::size_t opened = out_.size();
    ConfigWriter child(out_, *table_.find(key)->child, depth_ + 1);
    body(child);
    if (out_.size() == opened) out_.resize(before);  // a mapping without members would have no value
  }

  template <class T, class Body>
  void optional_section(std::string_view key, std::optional<T>& member, const Body& body) {
    if (!member) return;
    section(key, [&](ConfigWriter& child) { body(child, *member); });
  }

 private:
  void open(std::string_view key);
  void plain(std::string_view key, std::string_view value);
  void indent();

  std::string& out_;
  const FieldTable& table_;
  int depth_;
};

}  // namespace proactive::config
