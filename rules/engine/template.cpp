#include "rules/engine/template.h"

#include <array>

#include <fmt/format.h>

#include "rules/engine/parse_condition.h"

namespace proactive::rules {
namespace {

using Kind = TemplatePart::Kind;

// One piece of the text: a literal, or the inside of ${...}.
struct Piece {
  bool is_name = false;
  bool unclosed = false;
  std::string text;
  std::size_t begin = 0, end = 0;  // bytes of the source text
};

std::vector<Piece> split(std::string_view text) {
  std::vector<Piece> pieces;
  const auto literal = [&](std::string_view more) {
    if (pieces.empty() || pieces.back().is_name) pieces.emplace_back();
    pieces.back().text += more;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("$$")) {
      literal("$");
      at += 2;
    } else if (rest.starts_with("${")) {
      const std::size_t close = rest.find('}');
      const bool unclosed = close == std::string_view::npos;
      const std::size_t length = unclosed ? rest.size() : close + 1;
      Piece piece;
      piece.is_name = true;
      piece.unclosed = unclosed;
      piece.text = rest.substr(2, length - (unclosed ? 2 : 3));
      piece.begin = at;
      piece.end = at + length;
      pieces.push_back(std::move(piece));
      at += length;
    } else {
      literal(rest.substr(0, 1));
      ++at;
    }
  }
  return pieces;
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

// The place of a piece, where the text stands on one line as it is; else that of the text.
config::Place place_of(const Piece& piece, const Written<std::string>& text) {
  config::Place place = text.place;
  const std::size_t length = code_points(text.value);
  const bool quoted = place.length == length + 2;
  if (!quoted && place.length != length) return place;
  place.column += static_cast<std::uint32_t>(
      code_points(std::string_view(text.value).substr(0, piece.begin)) + (quoted ? 1 : 0));
  place.length = static_cast<std::uint32_t>(
      code_points(std::string_view(text.value).substr(piece.begin, piece.end - piece.begin)));
  return place;
}

struct Suffix {
  std::string_view name;
  Kind kind;
  bool of_model;
};
constexpr std::array<Suffix, 4> kSuffixes{{{"expected", Kind::expected, true},
                                           {"low", Kind::low, true},
                                           {"high", Kind::high, true},
                                           {"since", Kind::since, false}}};

class NameReader {
 public:
  NameReader(const TemplateScope& scope, config::Findings& findings) : scope_(scope), findings_(findings) {}

  TemplatePart read(const Piece& piece, const config::Place& place) {
    const std::string& name = piece.text;
    const auto fail = [&](std::string message, std::string suggestion = {}) {
      findings_.add("E408", place, std::move(message), std::move(suggestion));
      return TemplatePart{};
    };
    if (piece.unclosed) return fail("'${' without its '}'", "write $$ for a dollar sign");
    if (name == "customer") return {Kind::customer_id, {}, 0};
    if (name == "entity") return {Kind::entity_id, {}, 0};
    if (name == "last_seen") {
      return scope_.last_seen ? TemplatePart{Kind::last_seen, {}, 0}
                              : fail("'last_seen' in a rule without a 'missing' condition");
    }
    const std::size_t dot = name.find('.');
    const std::string base = name.substr(0, dot);
    const std::string suffix = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (base == "customer") {
      const std::size_t bar = suffix.find('|');
      TemplatePart part = profile_field(suffix.substr(0, bar), fail);
      if (bar != std::string::npos) part.fallback = suffix.substr(bar + 1);
      return part;
    }
    const auto measure = scope_.measures.find(base);
    if (measure == scope_.measures.end())
      return fail(fmt::format("unknown name '{}'", name), nearest_name(base));
    if (dot == std::string::npos) return {Kind::observed, {}, measure->second.position};
    if (suffix == "reaches_at") {
      if (measure->second.trend) return {Kind::reaches_at, {}, *measure->second.trend};
      return fail(
          fmt::format("'{}' has no '.reaches_at': no 'reaches' condition of the rule looks at it", base));
    }
    for (const Suffix& known : kSuffixes) {
      if (suffix != known.name) continue;
      if (known.of_model && !measure->second.modelled) {
        return fail(
            fmt::format("'{}' has no '.{}': no 'unusual' condition of the rule models it", base, suffix));
      }
      return {known.kind, {}, measure->second.position};
    }
    return fail(fmt::format("unknown name '{}'", name),
                "a measure has .expected, .low, .high, .since and .reaches_at");
  }

 private:
  template <class Fail>
  TemplatePart profile_field(const std::string& field, const Fail& fail) {
    const auto known = scope_.catalogue->profile_fields.find(field);
    if (known != scope_.catalogue->profile_fields.end()) {
      return {Kind::profile_field, field, 0, "unknown",
              known->second == ProfileFieldType::bytes ? Unit::bytes : Unit::none};
    }
    return fail(fmt::format("unknown profile field 'customer.{}'", field),
                scope_.catalogue->nearest_profile_field(field));
  }

  [[nodiscard]] std::string nearest_name(const std::string& wrong) const {
    std::vector<std::string_view> legal{"customer", "entity"};
    if (scope_.last_seen) legal.push_back("last_seen");
    for (const auto& [name, measure] : scope_.measures) legal.push_back(name);
    return nearest_of(wrong, legal);
  }

  const TemplateScope& scope_;
  config::Findings& findings_;
};

}  // namespace

std::vector<std::string> names_in_template(std::string_view text) {
  std::vector<std::string> names;
  for (const Piece& piece : split(text)) {
    if (piece.is_name) names.push_back(piece.text.substr(0, piece.text.find('.')));
  }
  return names;
}

Template parse_template(const Written<std::string>& text, const TemplateScope& scope,
                        config::Findings& findings) {
  Template parts;
  NameReader reader(scope, findings);
  for (const Piece& piece : split(text.value)) {
    if (piece.is_name) {
      parts.push_back(reader.read(piece, place_of(piece, text)));
    } else {
      parts.push_back({Kind::literal, piece.text, 0});
    }
  }
  return parts;
}

}  // namespace proactive::rules
