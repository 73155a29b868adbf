#include "config/loader/diagnostics.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "config/loader/finding_codes.h"
#include "config/loader/utf8.h"
#include "models/base/check.h"

namespace proactive::config {
namespace {

// A longer source line is shown as a window around the underlined place.
constexpr std::size_t kMaxShown = 160;
// A file that is wrong in every line needs no longer page; JSON has all findings.
constexpr std::size_t kMaxRendered = 1000;

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.emplace_back(line);
    start = end + 1;
  }
  return lines;
}

// The byte where code point number `count` after `from` begins, or the end.
std::size_t skip_code_points(std::string_view text, std::size_t from, std::size_t count) {
  for (; from < text.size(); ++from) {
    if ((static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) continue;
    if (count-- == 0) break;
  }
  return from;
}

// The source line and, below it, the underline; tabs keep their width in both.
std::string render_source(std::string_view line, const Place& place) {
  const std::size_t column = place.column > 0 ? place.column - 1 : 0;
  const std::size_t skipped = column > kMaxShown - kMaxShown / 4 ? column - kMaxShown / 2 : 0;
  const std::size_t first = skip_code_points(line, 0, skipped);
  const std::string_view shown = line.substr(first, skip_code_points(line, first, kMaxShown) - first);
  const std::size_t start = skip_code_points(shown, 0, column - skipped);

  const std::string number = std::to_string(place.line);
  const std::string margin(number.size() < 5 ? 5 - number.size() : 0, ' ');
  std::string mark = std::string(margin.size() + number.size(), ' ') + " | ";
  for (const char c : shown.substr(0, start)) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) mark += c == '\t' ? '\t' : ' ';
  }
  const std::size_t room = std::max<std::size_t>(count_code_points(shown.substr(start)), 1);
  mark += '^';
  mark.append(std::min<std::size_t>(std::max<std::uint32_t>(place.length, 1), room) - 1, '~');
  return margin + number + " | " + printable(shown) + "\n" + mark + "\n";
}

std::string_view name_of(Level level) { return level == Level::error ? "error" : "warning"; }

auto sort_key(const Finding& finding) {
  return std::tie(finding.place.file, finding.place.line, finding.place.column, finding.code);
}

}  // namespace

void Findings::add_source(const std::string& file, std::string text) { sources_[file] = split_lines(text); }

void Findings::add(std::string_view code, Place place, std::string message, std::string suggestion) {
  PROACTIVE_CHECK(is_finding_code(code));
  const Level level = code.front() == 'W' ? Level::warning : Level::error;
  findings_.push_back(
      {std::string(code), level, std::move(place), std::move(message), std::move(suggestion)});
}

std::size_t Findings::errors() const {
  return static_cast<std::size_t>(std::count_if(findings_.begin(), findings_.end(),
                                                [](const Finding& f) { return f.level == Level::error; }));
}

std::size_t Findings::warnings() const { return findings_.size() - errors(); }

bool Findings::has_errors() const { return errors() > 0; }

void Findings::sort() {
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const Finding& a, const Finding& b) { return sort_key(a) < sort_key(b); });
}

std::string Findings::render_text() const {
  std::string out;
  std::size_t rendered = 0;
  for (const Finding& finding : findings_) {
    if (rendered++ == kMaxRendered) {
      out += "... and " + std::to_string(findings_.size() - kMaxRendered) + " more findings\n";
      break;
    }
    const Place& place = finding.place;
    out += printable(place.file);
    if (place.line > 0) out += ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
    out += ": ";
    out += name_of(finding.level);
    out += '[' + finding.code + "]: " + printable(finding.message);
    if (!finding.suggestion.empty()) out += " - " + printable(finding.suggestion);
    out += '\n';
    const auto source = sources_.find(place.file);
    if (source != sources_.end() && place.line > 0 && place.line <= source->second.size()) {
      out += render_source(source->second[place.line - 1], place);
    }
  }
  return out;
}

std::string Findings::render_json() const {
  nlohmann::json array = nlohmann::json::array();
  for (const Finding& finding : findings_) {
    array.push_back({{"code", finding.code},
                     {"severity", name_of(finding.level)},
                     {"file", printable(finding.place.file)},
                     {"line", finding.place.line},
                     {"column", finding.place.column},
                     {"end_column", finding.place.column + std::max<std::uint32_t>(finding.place.length, 1)},
                     {"message", printable(finding.message)},
                     {"suggestion", printable(finding.suggestion)},
                     {"doc", "docs/errors.md#" + std::string(finding.level == Level::error ? "e" : "w") +
                                 finding.code.substr(1)}});
  }
  return array.dump(2);
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& legal) {
  // Optimal string alignment: insert, delete, replace, and swap of neighbours, each one step.
  const auto distance = [&](std::string_view name) {
    std::vector<std::vector<std::size_t>> d(wrong.size() + 1, std::vector<std::size_t>(name.size() + 1));
    for (std::size_t i = 0; i <= wrong.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= name.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= wrong.size(); ++i) {
      for (std::size_t j = 1; j <= name.size(); ++j) {
        const std::size_t cost = wrong[i - 1] == name[j - 1] ? 0 : 1;
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
        if (i > 1 && j > 1 && wrong[i - 1] == name[j - 2] && wrong[i - 2] == name[j - 1]) {
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[wrong.size()][name.size()];
  };
  constexpr std::size_t kLongestName = 128;  // longer "names" are not typos, and the table is quadratic
  if (wrong.empty() || wrong.size() > kLongestName) return {};

  std::size_t best = std::max<std::size_t>(1, std::min<std::size_t>(2, wrong.size() / 3)) + 1;
  std::string nearest;
  for (const std::string_view name : legal) {
    if (name.empty() || name.size() > kLongestName || name == wrong) continue;
    if (std::max(name.size(), wrong.size()) - std::min(name.size(), wrong.size()) >= best) continue;
    const std::size_t steps = distance(name);
    if (steps < best && steps < wrong.size()) {
      best = steps;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace proactive::config
