#include "config/loader/config_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/loader/bind_config.h"
#include "config/loader/config_fields.h"
#include "config/loader/load_config.h"

namespace proactive::config {
namespace {

constexpr std::string_view kRedacted = "<redacted>";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Letters first, then letters, digits and . _ / -: never a number, never YAML's own.
bool is_safe_plain(std::string_view text) {
  if (text.empty() || (kLetters.find(text.front()) == std::string_view::npos && text.front() != '/'))
    return false;
  const auto is_safe = [](char c) {
    return kLetters.find(c) != std::string_view::npos || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '/' || c == '-';
  };
  if (!std::all_of(text.begin(), text.end(), is_safe)) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::array<std::string_view, 9> kWords{"null", "true", "false", "yes", "no",
                                                   "on",   "off",  "y",     "n"};
  return std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

std::string to_text(double number) {
  std::array<char, 64> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  return error == std::errc{} ? std::string(digits.data(), end) : "0";
}

std::string to_text(const FieldSource& source) {
  return source.constant ? "{const: " + yaml_scalar(*source.constant) + "}" : yaml_scalar(source.pointer);
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_safe_plain(text)) return std::string(text);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '$') {
      out += "$$";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + '"';
}

void ConfigWriter::indent() { out_.append(static_cast<std::size_t>(depth_) * 2, ' '); }

void ConfigWriter::open(std::string_view key) {
  indent();
  out_ += yaml_scalar(key);
  out_ += ":\n";
}

void ConfigWriter::plain(std::string_view key, std::string_view value) {
  indent();
  out_ += yaml_scalar(key);
  out_ += ": ";
  out_ += value;
  out_ += '\n';
}

void ConfigWriter::text(std::string_view key, const std::string& member) {
  const bool is_absent = member.empty() && table_.find(key)->lo > 0;  // empty would not load
  if (!is_absent) plain(key, yaml_scalar(member));
}
void ConfigWriter::choice(std::string_view key, const std::string& member) {
  plain(key, yaml_scalar(member));
}
void ConfigWriter::flag(std::string_view key, bool member) { plain(key, member ? "true" : "false"); }
void ConfigWriter::count(std::string_view key, std::uint32_t member) { plain(key, std::to_string(member)); }
void ConfigWriter::number(std::string_view key, double member) { plain(key, to_text(member)); }
void ConfigWriter::duration(std::string_view key, Duration member) { plain(key, format_duration(member)); }

void ConfigWriter::path(std::string_view key, const std::string& member) { text(key, member); }

void ConfigWriter::secret(std::string_view key, const Secret& member) {
  if (!member.empty()) plain(key, kRedacted);
}

void ConfigWriter::size(std::string_view key, std::uint64_t member) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; unit + 1 < kUnits.size() && member > 0 && member % 1024 == 0; ++unit) member /= 1024;
  plain(key, std::to_string(member) + std::string(kUnits[unit]));
}

void ConfigWriter::texts(std::string_view key, const std::vector<std::string>& member) {
  std::string list;
  for (const std::string& entry : member) list += (list.empty() ? "" : ", ") + yaml_scalar(entry);
  plain(key, "[" + list + "]");
}

void ConfigWriter::paths(std::string_view key, const std::vector<std::string>& member) { texts(key, member); }

void ConfigWriter::text_map(std::string_view key, const std::map<std::string, std::string>& member) {
  if (member.empty()) return plain(key, "{}");
  open(key);
  ConfigWriter child(out_, table_, depth_ + 1);
  for (const auto& [name, value] : member) child.plain(name, yaml_scalar(value));
}

void ConfigWriter::auto_count(std::string_view key, std::uint32_t member) {
  member == 0 ? plain(key, table_.find(key)->word) : count(key, member);
}

void ConfigWriter::auto_size(std::string_view key, std::uint64_t member) {
  member == 0 ? plain(key, table_.find(key)->word) : size(key, member);
}

void ConfigWriter::never_or_duration(std::string_view key, const std::optional<Duration>& member) {
  member ? duration(key, *member) : plain(key, table_.find(key)->word);
}

void ConfigWriter::mapping(std::string_view key, const FieldMapping& member) {
  if (member.fields.empty() && member.dims.empty()) return;
  open(key);
  ConfigWriter child(out_, *table_.find(key)->child, depth_ + 1);
  for (const auto& [name, source] : member.fields) child.plain(name, to_text(source));
  if (member.dims.empty()) return;
  child.open("dims");
  ConfigWriter dims(out_, table_, depth_ + 2);
  for (const auto& [name, source] : member.dims) dims.plain(name, to_text(source));
}

std::string effective_config(const DaemonConfig& config) {
  DaemonConfig copy = config;  // binding takes members it may change
  std::string out;
  ConfigWriter writer(out, config_table(), 0);
  bind_config(writer, copy);
  return out;
}

}  // namespace proactive::config
