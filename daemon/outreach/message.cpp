#include "daemon/outreach/message.h"

#include <cmath>

#include "daemon/outreach/quantity.h"

namespace proactive::daemon {

namespace {

using Kind = rules::TemplatePart::Kind;

// Control characters C0, C1 and DEL; line and paragraph separators; bidirectional marks, embeddings and isolates; the
// byte order mark.
bool unwanted(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

// Bytes of the UTF-8 character at the front of `text`; broken input counts byte by byte.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(bytes, text.size());
}

char32_t character(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  if (bytes.size() == 1) return lead;
  char32_t c = lead & (0xFFU >> (bytes.size() + 1));
  for (const char each : bytes.substr(1)) c = c << 6 | (static_cast<unsigned char>(each) & 0x3FU);
  return c;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

std::string cut(std::string_view text, std::size_t max_characters) {
  if (character_count(text) <= max_characters) return std::string(text);
  std::string kept;
  for (std::size_t i = 0; i + 1 < max_characters && !text.empty(); ++i) {
    const std::size_t bytes = character_bytes(text);
    kept += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return kept + "…";
}

std::optional<std::string> quantity(const std::optional<double>& value, const MessageMeasure& measure) {
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return format_quantity(*value, measure.unit, measure.share);
}

// A customer of whom a field is not known is told of the problem all the same: the part's fallback stands for it.
std::optional<std::string> profile_text(const rules::ProfileFacts* profile, const rules::TemplatePart& part) {
  const ScalarValue* value = profile == nullptr ? nullptr : profile->field(part.text);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = std::get_if<std::string_view>(value)) return std::string(*text);
  if (const auto* truth = std::get_if<bool>(value)) return *truth ? "yes" : "no";
  const double number = std::get<double>(*value);
  if (!std::isfinite(number)) return std::nullopt;
  return part.unit == rules::Unit::bytes ? format_quantity(number, part.unit, false) : format_number(number);
}

std::optional<std::string> last_seen_text(const MessageFacts& facts) {
  for (const MessageMeasure& measure : facts.measures) {
    if (measure.last_seen) return format_local_minute(*measure.last_seen, facts.time_zone);
  }
  return std::nullopt;
}

std::optional<std::string> value_of(const rules::TemplatePart& part, const MessageFacts& facts) {
  const bool known = part.measure < facts.measures.size();
  const MessageMeasure none;
  const MessageMeasure& measure = known ? facts.measures[part.measure] : none;
  switch (part.kind) {
    case Kind::literal:
      return part.text;
    case Kind::observed:
      return quantity(measure.observed, measure);
    case Kind::expected:
      return quantity(measure.expected, measure);
    case Kind::low:
      return quantity(measure.low, measure);
    case Kind::high:
      return quantity(measure.high, measure);
    case Kind::since:
      return format_local_minute(facts.since, facts.time_zone);
    case Kind::reaches_at:
      if (!measure.reaches_at) return std::nullopt;
      return format_local_minute(*measure.reaches_at, facts.time_zone);
    case Kind::last_seen:
      return last_seen_text(facts);
    case Kind::profile_field:
      return profile_text(facts.profile, part);
    case Kind::customer_id:
      return std::string(facts.customer_id);
    case Kind::entity_id:
      return std::string(facts.entity_id);
  }
  return std::nullopt;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::literal:
      return "text";
    case Kind::observed:
      return "value";
    case Kind::expected:
      return "expected";
    case Kind::low:
      return "low";
    case Kind::high:
      return "high";
    case Kind::since:
      return "since";
    case Kind::reaches_at:
      return "reaches_at";
    case Kind::last_seen:
      return "last_seen";
    case Kind::profile_field:
      return "profile field";
    case Kind::customer_id:
      return "customer";
    case Kind::entity_id:
      return "entity";
  }
  return "";
}

Result<std::string> render(const rules::Template& parts, std::string_view what, std::size_t max_characters,
                           const MessageFacts& facts) {
  std::string text;
  for (const rules::TemplatePart& part : parts) {
    const std::optional<std::string> value = value_of(part, facts);
    if (part.kind == Kind::literal) {
      text += part.text;
      continue;
    }
    std::string shown = value ? printable(*value) : std::string();
    if (shown.empty()) shown = part.fallback;
    if (shown.empty()) {
      const std::string name = part.text.empty() ? std::string() : " '" + part.text + "'";
      return failure(std::string(what) + ": no " + std::string(name_of(part.kind)) + name);
    }
    text += shown;
  }
  if (character_count(text) > max_characters) {
    return failure(std::string(what) + ": longer than " + std::to_string(max_characters) + " characters");
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const std::string_view bytes = text.substr(0, character_bytes(text));
    if (!unwanted(character(bytes))) kept += bytes;
    text.remove_prefix(bytes.size());
  }
  return kept;
}

Result<Message> render_problem(const rules::OutreachSpec& outreach, const MessageFacts& facts) {
  Result<std::string> title = render(outreach.title, "title", kMaxTitle, facts);
  if (!title) return tl::make_unexpected(title.error());
  Result<std::string> body = render(outreach.advice, "advice", kMaxBody, facts);
  if (!body) return tl::make_unexpected(body.error());
  return Message{std::move(*title), std::move(*body)};
}

Message render_closing(std::string_view what, Reason reason, Timestamp since, Timestamp at,
                       std::string_view time_zone) {
  const std::string began = format_local_minute(since, time_zone);
  const bool resolved = reason == Reason::recovered;
  Message message;
  message.title = resolved ? "Resolved" : "No longer followed";
  if (!what.empty()) message.title = cut(message.title + ": " + printable(what), kMaxTitle);
  message.body = resolved
                     ? "The problem that began at " + began + " is over since " +
                           format_local_minute(at, time_zone) + "."
                     : "We told you about a problem that began at " + began +
                           ". We can no longer see whether it lasts, so this is our last message about it.";
  return message;
}

}  // namespace proactive::daemon
