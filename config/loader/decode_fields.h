// Strict conversions from tree nodes to values. Each says what is wrong (E301 unknown value, E302 kind or
// unit, E303 out of range, E107 leading zero, W108 quoted number) and returns nullopt; a node that already
// has a finding (null kind) is passed over in silence, so that one mistake is one finding. No conversion
// guesses: `yes` is not true, 5 is not 5%.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader/config_tree.h"
#include "config/loader/diagnostics.h"
#include "config/loader/field_table.h"
#include "models/base/time.h"

namespace proactive::config {

template <class T>
struct Bounds {
  T lo = std::numeric_limits<T>::lowest();  // inclusive
  T hi = std::numeric_limits<T>::max();
};

[[nodiscard]] std::optional<std::string> as_text(const TreeNode& node, Findings& findings);
// [a-z][a-z0-9_]{0,63}; with `dashes` also '-' (rule names).
[[nodiscard]] std::optional<std::string> as_name(const TreeNode& node, Findings& findings,
                                                 bool dashes = false);
[[nodiscard]] std::optional<bool> as_bool(const TreeNode& node, Findings& findings);
[[nodiscard]] std::optional<std::int64_t> as_integer(const TreeNode& node, Findings& findings,
                                                     Bounds<std::int64_t> bounds = {});
[[nodiscard]] std::optional<double> as_number(const TreeNode& node, Findings& findings,
                                              Bounds<double> bounds = {});
[[nodiscard]] std::optional<Duration> as_duration(const TreeNode& node, Findings& findings,
                                                  Bounds<Duration> bounds = {Duration::zero(),
                                                                             Duration::max()});
// Integer or decimal number with kB MB GB TB (powers of 1000) or KiB MiB GiB TiB, or B.
[[nodiscard]] std::optional<std::uint64_t> as_size(const TreeNode& node, Findings& findings,
                                                   Bounds<std::uint64_t> bounds = {});
// "5%" -> 0.05.
[[nodiscard]] std::optional<double> as_share(const TreeNode& node, Findings& findings,
                                             Bounds<double> bounds = {0, 1});

// A number as the signal's unit asks: bare, with '%', or with a byte unit. The caller knows which fits.
struct Quantity {
  enum class Unit : std::uint8_t { bare, percent, bytes };
  double value = 0;  // percent: 25% is 25 (a share of 0.25); bytes: in bytes
  Unit unit = Unit::bare;
};
[[nodiscard]] std::optional<Quantity> as_quantity(const TreeNode& node, Findings& findings);

// The index into `legal`; `key` is for the message: unknown value 'hi' for 'unusual' (high, low, either).
[[nodiscard]] std::optional<std::size_t> as_enum(const TreeNode& node, std::string_view key,
                                                 std::span<const std::string_view> legal, Findings& findings);
// A list of text; a single scalar is a list of one.
[[nodiscard]] std::optional<std::vector<std::string>> as_texts(const TreeNode& node, Findings& findings);
[[nodiscard]] std::optional<std::map<std::string, std::string>> as_text_map(const TreeNode& node,
                                                                            Findings& findings);

// E302 "expected <what>, found <the node>": for the kinds that only their owner knows.
void wrong_kind(const TreeNode& node, std::string_view expected, Findings& findings);

}  // namespace proactive::config
