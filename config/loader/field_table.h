// Field tables: name, kind, default, range and sentence of every key, written once. The decoder, the
// unknown-key findings, the JSON Schema and the reference pages are all read from them.
//
// Tables are constexpr arrays in the .cpp that decodes them; everything a Field points to has static storage.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader/config_tree.h"
#include "config/loader/diagnostics.h"

namespace proactive::config {

enum class FieldKind : std::uint8_t {
  text,      // any scalar
  name,      // [a-z][a-z0-9_]{0,63}
  boolean,   // true | false
  integer,   // 42
  number,    // 4.2
  duration,  // 15m
  size,      // 512MiB
  share,     // 5%
  quantity,  // a number, a share or a size, as the signal's unit asks
  choice,    // one of `choices`
  texts,     // a list of text; one text stands for a list of one
  paths,     // the same of paths
  text_map,  // name -> text
  mapping,   // `child`
  list,      // a list of `child`
  path,      // of a file or directory; a relative one is beside the configuration
  secret,    // path of a file that holds a secret
  source,    // "/json/pointer" or {const: text}
  sources,   // name -> source
  any,       // decoded by its owner alone
};

enum class Need : std::uint8_t {
  optional,
  required,
  later,  // named in the design, not built yet: E209, since a key that loads and does nothing is worse
};

struct FieldTable;

struct Field {
  std::string_view key;
  FieldKind kind = FieldKind::text;
  Need need = Need::optional;
  std::string_view default_text{};  // as written in YAML; empty: none
  std::span<const std::string_view> choices{};
  std::span<const std::string_view> later_choices{};  // named in the design, not built yet: E209
  std::string_view word{};  // a word that stands in for a value of the kind: "auto", "never"
  double lo = -std::numeric_limits<double>::infinity();  // inclusive; durations in seconds, sizes in bytes,
                                                         // shares 0..1
  double hi = std::numeric_limits<double>::infinity();
  const FieldTable* child = nullptr;  // of mapping and list
  bool is_off_when_absent = false;    // a mapping whose presence alone means something: tls, sasl
  std::string_view doc{};             // one sentence
  std::string_view example{};
};

struct FieldTable {
  std::string_view what;  // for messages: "a rule", "kafka.tls"
  std::span<const Field> fields;

  [[nodiscard]] const Field* find(std::string_view key) const;
};

// Reports unknown keys (E201 with the nearest legal name; E202 when the key is legal elsewhere under `root`),
// missing required keys (E203) and later ones (E209). Does not look into the values. False and E302 if `node`
// is no mapping.
bool check_members(const TreeNode& node, const FieldTable& table, Findings& findings,
                   const FieldTable* root = nullptr);

}  // namespace proactive::config
