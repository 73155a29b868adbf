#include "config/loader/yaml_hints.h"

namespace proactive::config {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What stands after the key, or after the dash, on a line.
std::string_view value_on(std::string_view line) {
  const auto trim = [](std::string_view text) {
    const std::size_t start = text.find_first_not_of(' ');
    return start == std::string_view::npos ? std::string_view{} : text.substr(start);
  };
  std::string_view text = trim(line);
  while (text.substr(0, 2) == "- ") text = trim(text.substr(2));
  const std::size_t colon = text.find(": ");
  return colon == std::string_view::npos ? text : trim(text.substr(colon + 2));
}

std::string explain(std::string_view error, std::string_view rest) {
  struct Words {
    std::string_view yaml_cpp;
    std::string_view ours;
  };
  constexpr Words kWords[] = {
      {"illegal map value", "a ':' is not expected here"},
      {"illegal map key", "a key is not expected here"},
      {"illegal block entry", "a list item is not expected here"},
      {"illegal flow end", "a closing bracket is not expected here"},
      {"end of map flow not found", "a '{' is not closed"},
      {"end of sequence flow not found", "a '[' is not closed"},
      {"end of map not found", "expected 'key: value' here"},
      {"end of sequence not found", "expected '- item' here"},
      {"illegal EOF in scalar", "a quote is not closed"},
      {"illegal document indicator in scalar", "a quote is not closed before '---'"},
      {"unexpected character in block scalar",
       "a value can't start with '>' or '|' and go on in the same line"},
  };
  if (error == "unknown token" && !rest.empty()) {
    return "a value can't start with '" + std::string(rest.substr(0, 1)) + "'";
  }
  for (const Words& words : kWords) {
    if (error == words.yaml_cpp) return std::string(words.ours);
  }
  return "the text is not YAML: " + std::string(error);
}

std::string hint(std::string_view error, std::string_view line) {
  const std::string_view value = value_on(line);
  const char first = value.empty() ? ' ' : value.front();
  if (contains(line, "${") && contains(error, "flow")) return "quote a '${...}' that stands inside brackets";
  if (contains(line, "{{")) return "quote a text that holds '{{'";
  if (contains("%@`", std::string_view(&first, 1)))
    return std::string("quote a text that starts with '") + first + "'";
  if (first == '>') return "write the number without '>', or quote the text";
  if (first == '|') return "start the text on the next line, or quote it";
  if (contains(error, "escape character"))
    return "in double quotes write '\\\\' for a backslash, or use single quotes";
  if (first == '"' || first == '\'') return "is the quote closed, with nothing after it?";
  if (contains(error, "flow not found")) return "close it, or quote a text that starts with it";
  if (contains(value, ": ")) return "quote a text that holds ': '";
  if (contains(error, "end of map not found") && contains(line, ":") && !contains(line, ": ")) {
    return "put a space after the ':'";
  }
  if (contains(error, "not found") || contains(error, "illegal")) return "check the indentation and the ':'";
  return {};
}

}  // namespace

YamlProblem explain_yaml_error(std::string_view error, std::string_view line, std::string_view rest) {
  if (contains(error, "tab")) return {"E102", "a tab is used for indentation", "indent with spaces", false};
  if (contains(error, "alias") || contains(error, "referenced anchor")) {
    return {"E105", "aliases are not used here", "write the value out, or quote a text that starts with '*'",
            false};
  }
  if (contains(error, "anchor")) {
    return {"E105", "anchors are not used here", "write the value out, or quote a text that starts with '&'",
            false};
  }
  if (contains(error, "tag")) {
    return {"E105", "tags are not used here", "remove it, or quote a text that starts with '!'", false};
  }
  return {"E101", explain(error, rest), hint(error, line), contains(error, "flow not found")};
}

std::size_t quoted_length(std::string_view text) {
  const char quote = text.empty() ? ' ' : text.front();
  if (quote != '"' && quote != '\'') return 1;  // the '|' or '>' of a block scalar
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote && quote == '\'' && i + 1 < text.size() && text[i + 1] == quote) {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::size_t null_word_length(std::string_view rest) {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (rest.substr(0, word.size()) != word) continue;
    if (rest.size() == word.size() || contains(" \t,]}:", rest.substr(word.size(), 1))) return word.size();
  }
  return 0;
}

}  // namespace proactive::config
