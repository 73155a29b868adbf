#include "config/loader/source_text.h"

#include <algorithm>

#include "config/loader/utf8.h"

namespace proactive::config {
namespace {

std::string normalise(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

std::string hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {kDigits[byte >> 4U], kDigits[byte & 15U]};
}

}  // namespace

SourceText::SourceText(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

std::optional<SourceText> SourceText::read(const std::string& file, std::string_view text,
                                           std::size_t max_bytes, Findings& findings) {
  if (text.size() > max_bytes) {
    findings.add("E110", {file, 0, 0, 1}, "the file is larger than " + std::to_string(max_bytes) + " bytes");
    return std::nullopt;
  }
  SourceText source(file, normalise(text));
  findings.add_source(file, source.text_);
  if (!source.check(findings)) return std::nullopt;
  return source;
}

bool SourceText::check(Findings& findings) const {
  if (const std::optional<std::size_t> at = find_invalid_utf8(text_)) {
    findings.add("E111", place(*at, 1),
                 "byte 0x" + hex(static_cast<unsigned char>(text_[*at])) + " is not UTF-8",
                 "save the file as UTF-8");
    return false;
  }
  // yaml-cpp takes U+0004 for the end of the file and guesses UTF-16 from NUL bytes.
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text_[i]);
    if ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t') continue;
    findings.add("E111", place(i, 1), "control character U+00" + hex(byte),
                 byte == '\r' ? "end lines with LF or CRLF" : "remove it");
    return false;
  }
  std::size_t tabs = 0;
  std::size_t first_tab = 0;
  for (const std::size_t start : line_starts_) {
    const std::string_view text = rest_of_line(start);
    const std::size_t content = text.find_first_not_of(" \t");
    const std::size_t tab = text.find('\t');
    if (content == std::string_view::npos || tab >= content) continue;  // npos >= content as well
    if (tabs++ == 0) first_tab = start + tab;
  }
  if (tabs == 0) return true;
  findings.add("E102", place(first_tab, 1),
               tabs == 1
                   ? "a tab is used for indentation"
                   : "a tab is used for indentation, here and in " + std::to_string(tabs - 1) + " more lines",
               "indent with spaces");
  return false;
}

std::string_view SourceText::line(std::size_t index) const {
  return index < line_starts_.size() ? rest_of_line(line_starts_[index]) : std::string_view{};
}

std::size_t SourceText::offset(int line, int column) const {
  if (line < 0 || column < 0) return 0;
  const auto index = static_cast<std::size_t>(line);
  if (index >= line_starts_.size()) return text_.size();
  return std::min(line_starts_[index] + static_cast<std::size_t>(column), text_.size());
}

std::size_t SourceText::line_of(std::size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(next - line_starts_.begin()) - 1;
}

std::string_view SourceText::rest_of_line(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::size_t next = line_of(offset) + 1;
  const std::size_t end = next < line_starts_.size() ? line_starts_[next] - 1 : text_.size();
  return std::string_view(text_).substr(offset, end - offset);
}

std::size_t SourceText::find_last_of(const char* any, std::size_t offset) const {
  if (offset == 0) return 0;
  const std::size_t found = text_.find_last_of(any, offset - 1);
  return found == std::string::npos ? 0 : found;
}

Place SourceText::place(std::size_t offset, std::size_t code_points) const {
  offset = std::min(offset, text_.size());
  const std::size_t line = line_of(offset);
  const bool is_behind_last = last_offset_ >= line_starts_[line] && last_offset_ <= offset;
  const std::size_t from = is_behind_last ? last_offset_ : line_starts_[line];
  const std::size_t skipped = is_behind_last ? last_column_ : 0;
  last_column_ = skipped + count_code_points(std::string_view(text_).substr(from, offset - from));
  last_offset_ = offset;

  Place place;
  place.file = file_;
  place.line = static_cast<std::uint32_t>(line + 1);
  place.column = static_cast<std::uint32_t>(last_column_ + 1);
  place.length = static_cast<std::uint32_t>(std::max<std::size_t>(code_points, 1));
  return place;
}

std::uint32_t SourceText::code_points_on_line(std::size_t start, std::size_t end) const {
  const std::string_view rest = rest_of_line(start);
  const std::size_t length = end > start ? std::min(end - start, rest.size()) : 0;
  return static_cast<std::uint32_t>(std::max<std::size_t>(count_code_points(rest.substr(0, length)), 1));
}

}  // namespace proactive::config
