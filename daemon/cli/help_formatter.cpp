#include "daemon/cli/help_formatter.h"

#include <string_view>

namespace proactive::daemon {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// CLI11 says "TEXT:{text,json}", "INT:INT in [1 - 16]" or, without a validator, the type's name.
std::string value_label(const std::string& type) {
  const std::size_t colon = type.find(':');
  if (colon == std::string::npos)
    return type == "TEXT" ? "VALUE" : type == "INT" || type == "UINT" ? "N" : type;
  std::string rule = type.substr(colon + 1);
  if (rule.front() == '{') {
    rule = rule.substr(1, rule.size() - 2);
    replace_all(rule, ",", "|");
    return rule;
  }
  const std::size_t range = rule.find("in [");
  if (range == std::string::npos) return rule;
  rule = rule.substr(range + 4, rule.size() - range - 5);
  replace_all(rule, " - ", "..");
  return rule;
}

}  // namespace

HelpFormatter::HelpFormatter() { column_width(32); }

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string text;
  if (option->get_type_size() != 0) {
    text += " " + value_label(option->get_type_name());
    if (!option->get_default_str().empty()) text += " [" + option->get_default_str() + "]";
    if (option->get_required()) text += " (required)";
  }
  for (const CLI::Option* other : option->get_needs()) text += " (with " + other->get_name() + ")";
  return text;
}

}  // namespace proactive::daemon
