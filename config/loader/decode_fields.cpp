#include "config/loader/decode_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/loader/utf8.h"

namespace proactive::config {
namespace {

constexpr std::string_view kDigits = "0123456789";

std::string describe(const TreeNode& node) {
  switch (node.kind) {
    case NodeKind::null:
      return "nothing";
    case NodeKind::sequence:
      return "a list";
    case NodeKind::mapping:
      return "a mapping";
    case NodeKind::scalar:
      break;
  }
  constexpr std::size_t kShown = 40;
  return "'" +
         (node.text.size() > kShown ? printable(node.text.substr(0, kShown)) + "..." : printable(node.text)) +
         "'";
}

// The scalar's text if it can be a value of the kind; a finding otherwise, and nothing for a node that has
// one already.
std::optional<std::string_view> scalar(const TreeNode& node, std::string_view expected, Findings& findings) {
  if (node.kind == NodeKind::scalar) return node.text;
  if (node.kind != NodeKind::null) wrong_kind(node, expected, findings);
  return std::nullopt;
}

// A quoted value is text by the letter, but what is meant is plain: say so and go on.
void warn_quoted(const TreeNode& node, Findings& findings) {
  if (!node.quoted) return;
  findings.add("W108", node.place, "the value '" + node.text + "' is quoted, which makes it text",
               "write " + node.text + " without quotes");
}

// [-]digits[.digits], finite; nothing else: no exponent, no hex, no inf, no '+'.
std::optional<double> parse_decimal(std::string_view text) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '-') rest.remove_prefix(1);
  const std::size_t whole = std::min(rest.find_first_not_of(kDigits), rest.size());
  if (whole == 0) return std::nullopt;
  rest.remove_prefix(whole);
  if (!rest.empty()) {
    if (rest.front() != '.' || rest.size() < 2) return std::nullopt;
    if (rest.find_first_not_of(kDigits, 1) != std::string_view::npos) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool refuse_leading_zero(const TreeNode& node, Findings& findings) {
  const std::string_view text = node.text;
  const std::size_t start = !text.empty() && text.front() == '-' ? 1 : 0;
  if (text.size() < start + 2 || text[start] != '0' ||
      kDigits.find(text[start + 1]) == std::string_view::npos) {
    return false;
  }
  findings.add("E107", node.place, "the number '" + node.text + "' has a leading zero", "drop the zero");
  return true;
}

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr std::array<Unit, 9> kByteUnits{{{"kB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"TB", 1e12},
                                          {"KiB", 1024.0},
                                          {"MiB", 1048576.0},
                                          {"GiB", 1073741824.0},
                                          {"TiB", 1099511627776.0},
                                          {"B", 1.0}}};

// Bytes of "1.5GiB"; nullopt if it is not a size. "B" comes last, since it ends all the others.
std::optional<double> parse_size(std::string_view text) {
  for (const Unit& unit : kByteUnits) {
    if (text.size() <= unit.name.size() || text.substr(text.size() - unit.name.size()) != unit.name) continue;
    const std::optional<double> number = parse_decimal(text.substr(0, text.size() - unit.name.size()));
    if (number && *number >= 0) return *number * unit.bytes;
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> parse_share(std::string_view text) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  return parse_decimal(text.substr(0, text.size() - 1));
}

std::string show(std::int64_t value) { return std::to_string(value); }
std::string show(double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} ? std::string(digits.data(), end) : "?";
}
std::string show(Duration value) { return format_duration(value); }
std::string show(std::uint64_t bytes) {
  for (const Unit& unit : {kByteUnits[7], kByteUnits[6], kByteUnits[5], kByteUnits[4]}) {
    const auto size = static_cast<std::uint64_t>(unit.bytes);
    if (bytes > 0 && bytes % size == 0) return std::to_string(bytes / size) + std::string(unit.name);
  }
  return std::to_string(bytes) + "B";
}
std::string show_share(double share) { return show(share * 100) + "%"; }

template <class T, class Show>
std::optional<T> within(T value, Bounds<T> bounds, T lowest, T highest, const TreeNode& node,
                        Findings& findings, const Show& show_value) {
  if (value >= bounds.lo && value <= bounds.hi) return value;
  std::string range;
  if (bounds.lo >= bounds.hi) {
    range = show_value(bounds.lo);
  } else if (bounds.lo > lowest && bounds.hi < highest) {
    range = "from " + show_value(bounds.lo) + " to " + show_value(bounds.hi);
  } else {
    range = bounds.lo > lowest ? "at least " + show_value(bounds.lo) : "at most " + show_value(bounds.hi);
  }
  findings.add("E303", node.place, "the value " + describe(node) + " is out of range", "it can be " + range);
  return std::nullopt;
}

template <class T>
std::optional<T> within(T value, Bounds<T> bounds, const TreeNode& node, Findings& findings) {
  return within(value, bounds, std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max(), node,
                findings, [](T v) { return show(v); });
}

}  // namespace

void wrong_kind(const TreeNode& node, std::string_view expected, Findings& findings) {
  if (node.kind == NodeKind::null) return;
  findings.add("E302", node.place, "expected " + std::string(expected) + ", found " + describe(node));
}

std::optional<std::string> as_text(const TreeNode& node, Findings& findings) {
  const auto text = scalar(node, "text", findings);
  if (!text) return std::nullopt;
  return std::string(*text);
}

std::optional<std::string> as_name(const TreeNode& node, Findings& findings, bool dashes) {
  const std::string_view expected =
      dashes ? "a name (a-z, then a-z 0-9 _ -, at most 64)" : "a name (a-z, then a-z 0-9 _, at most 64)";
  const auto text = scalar(node, expected, findings);
  if (!text) return std::nullopt;
  constexpr std::size_t kMaxName = 64;
  const auto is_legal = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (dashes && c == '-');
  };
  if (text->empty() || text->size() > kMaxName || text->front() < 'a' || text->front() > 'z' ||
      !std::all_of(text->begin(), text->end(), is_legal)) {
    wrong_kind(node, expected, findings);
    return std::nullopt;
  }
  return std::string(*text);
}

std::optional<bool> as_bool(const TreeNode& node, Findings& findings) {
  const auto text = scalar(node, "true or false", findings);
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false") {
    wrong_kind(node, "true or false", findings);
    return std::nullopt;
  }
  warn_quoted(node, findings);
  return *text == "true";
}

std::optional<std::int64_t> as_integer(const TreeNode& node, Findings& findings,
                                       Bounds<std::int64_t> bounds) {
  const auto text = scalar(node, "a whole number", findings);
  if (!text || refuse_leading_zero(node, findings)) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) {
    wrong_kind(node, "a whole number", findings);
    return std::nullopt;
  }
  warn_quoted(node, findings);
  return within(value, bounds, node, findings);
}

std::optional<double> as_number(const TreeNode& node, Findings& findings, Bounds<double> bounds) {
  const auto text = scalar(node, "a number", findings);
  if (!text || refuse_leading_zero(node, findings)) return std::nullopt;
  const std::optional<double> value = parse_decimal(*text);
  if (!value) {
    wrong_kind(node, "a number", findings);
    return std::nullopt;
  }
  warn_quoted(node, findings);
  return within(*value, bounds, node, findings);
}

std::optional<Duration> as_duration(const TreeNode& node, Findings& findings, Bounds<Duration> bounds) {
  constexpr std::string_view kExpected = "a duration such as 500ms, 30s, 15m, 2h, 7d";
  const auto text = scalar(node, kExpected, findings);
  if (!text || refuse_leading_zero(node, findings)) return std::nullopt;
  const Result<Duration> value = parse_duration(*text);
  if (!value) {
    wrong_kind(node, kExpected, findings);
    return std::nullopt;
  }
  warn_quoted(node, findings);
  return within(*value, bounds, Duration::zero(), Duration::max(), node, findings,
                [](Duration v) { return show(v); });
}

std::optional<std::uint64_t> as_size(const TreeNode& node, Findings& findings, Bounds<std::uint64_t> bounds) {
  constexpr std::string_view kExpected = "a size such as 64KiB, 512MiB, 2GB";
  const auto text = scalar(node, kExpected, findings);
  if (!text || refuse_leading_zero(node, findings)) return std::nullopt;
  const std::optional<double> value = parse_size(*text);
  constexpr double kMostBytes = 1e18;
  if (!value || *value > kMostBytes || *value != std::floor(*value)) {
    wrong_kind(node, kExpected, findings);
    return std::nullopt;
  }
  warn_quoted(node, findings);
  return within(static_cast<std::uint64_t>(*value), bounds, node, findings);
}

std::optional<double> as_share(const TreeNode& node, Findings& findings, Bounds<double> bounds) {
  const auto text = scalar(node, "a share such as 5%", findings);
  if (!text || refuse_leading_zero(node, findings)) return std::nullopt;
  const std::optional<double> percent = parse_share(*text);
  if (!percent) {
    wrong_kind(node, "a share such as 5%", findings);
    return std::nullopt;
  }
  warn_quoted(node, findings);
  return within(*percent / 100, bounds, std::numeric_limits<double>::lowest(),
                std::numeric_limits<double>::max(), node, findings, [](double v) { return show_share(v); });
}

std::optional<Quantity> as_quantity(const TreeNode& node, Findings& findings) {
  constexpr std::string_view kExpected = "a number such as 45, 25%, 2GiB";
  const auto text = scalar(node, kExpected, findings);
  if (!text || refuse_leading_zero(node, findings)) return std::nullopt;
  std::optional<Quantity> quantity;
  if (const std::optional<double> number = parse_decimal(*text)) {
    quantity = Quantity{*number, Quantity::Unit::bare};
  } else if (const std::optional<double> percent = parse_share(*text)) {
    quantity = Quantity{*percent, Quantity::Unit::percent};
  } else if (const std::optional<double> bytes = parse_size(*text)) {
    quantity = Quantity{*bytes, Quantity::Unit::bytes};
  }
  if (!quantity) {
    wrong_kind(node, kExpected, findings);
  } else {
    warn_quoted(node, findings);
  }
  return quantity;
}

std::optional<std::size_t> as_enum(const TreeNode& node, std::string_view key,
                                   std::span<const std::string_view> legal, Findings& findings) {
  std::string names;
  for (const std::string_view name : legal) {
    names += names.empty() ? "" : ", ";
    names += name;
  }
  const auto text = scalar(node, "one of " + names, findings);
  if (!text) return std::nullopt;
  const auto found = std::find(legal.begin(), legal.end(), *text);
  if (found != legal.end()) return static_cast<std::size_t>(found - legal.begin());
  const std::string nearest = did_you_mean(*text, {legal.begin(), legal.end()});
  findings.add("E301", node.place,
               "unknown value " + describe(node) + " for '" + std::string(key) + "' (" + names + ")",
               nearest.empty() ? "" : "did you mean '" + nearest + "'?");
  return std::nullopt;
}

std::optional<std::vector<std::string>> as_texts(const TreeNode& node, Findings& findings) {
  if (node.kind == NodeKind::scalar) return std::vector<std::string>{node.text};
  if (node.kind != NodeKind::sequence) {
    wrong_kind(node, "a list of texts", findings);
    return std::nullopt;
  }
  std::vector<std::string> texts;
  bool is_good = true;
  for (const TreeNode& item : node.items) {
    std::optional<std::string> text = as_text(item, findings);
    is_good = is_good && text;
    if (text) texts.push_back(std::move(*text));
  }
  if (!is_good) return std::nullopt;
  return texts;
}

std::optional<std::map<std::string, std::string>> as_text_map(const TreeNode& node, Findings& findings) {
  if (node.kind != NodeKind::mapping) {
    wrong_kind(node, "a mapping of names to texts", findings);
    return std::nullopt;
  }
  std::map<std::string, std::string> texts;
  bool is_good = true;
  for (const TreeNode::Member& member : node.members) {
    std::optional<std::string> text = as_text(member.value, findings);
    is_good = is_good && text;
    if (text) texts.emplace(member.key, std::move(*text));
  }
  if (!is_good) return std::nullopt;
  return texts;
}

}  // namespace proactive::config
