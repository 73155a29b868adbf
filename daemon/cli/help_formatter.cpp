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
  if (const std::size_t words = type.find(":{"); words != std::string::npos) {
    std::string label = type.substr(words + 2, type.size() - words - 3);
    replace_all(label, ",", "|");
    return label;
  }
  if (const std::size_t range = type.find(" in ["); range != std::string::npos) {
    std::string label = type.substr(range + 5, type.size() - range - 6);
    replace_all(label, " - ", "..");
    return label;
  }
  if (type == "TEXT") return "VALUE";
  return type == "INT" || type == "UINT" ? "N" : type;
}

}  // namespace

HelpFormatter::HelpFormatter() { column_width(32); }

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string text;
  if (option->get_type_size() != 0) {
    if (!option->get_type_name().empty()) text += " " + value_label(option->get_type_name());
    if (!option->get_default_str().empty()) text += " [" + option->get_default_str() + "]";
    if (option->get_required()) text += " (required)";
  }
  for (const CLI::Option* other : option->get_needs()) text += " (with " + other->get_name() + ")";
  return text;
}

}  // namespace proactive::daemon
