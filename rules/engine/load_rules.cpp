#include "rules/engine/load_rules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <date/tz.h>

#include "config/loader/config_tree.h"
#include "rules/engine/compile_rules.h"
#include "rules/engine/lint_rules.h"
#include "rules/engine/parse_rule.h"
#include "rules/engine/signal_catalogue.h"

namespace proactive::rules {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kYaml = ".yaml", kYml = ".yml", kTest = ".test";
constexpr std::string_view kCatalogue = "signals.yaml";

std::optional<RuleText> read_text(const std::string& file, config::Findings& findings) {
  std::error_code error;
  if (fs::is_regular_file(file, error)) {
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (in.good() || in.eof()) return RuleText{file, std::move(text), false};
  }
  findings.add("E310", {file, 0, 0, 1}, "can't read this file",
               "check the path, that it is a file, and its mode");
  return std::nullopt;
}

std::string category_of(const std::string& file) { return fs::path(file).parent_path().filename().string(); }

bool is_time_zone(const std::string& name) {
  try {
    return date::locate_zone(name) != nullptr;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

std::string test_beside(const std::string& file) {
  for (const std::string_view ending : {kYaml, kYml}) {
    if (file.ends_with(ending))
      return file.substr(0, file.size() - ending.size()) + std::string(kTest) + std::string(ending);
  }
  return file + std::string(kTest) + std::string(kYaml);
}

std::vector<std::string> rule_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (auto it = fs::recursive_directory_iterator(path, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code kind_error;
    const bool is_yaml = name.ends_with(kYaml) || name.ends_with(kYml);
    const bool is_test = fs::path(name).stem().string().ends_with(kTest);
    const bool is_rules = is_yaml && !is_test && name != kCatalogue && !name.starts_with('.');
    if (is_rules && it->is_regular_file(kind_error)) files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

SignalCatalogue parse_catalogue_text(const RuleText& source, config::Findings& findings) {
  SignalCatalogue catalogue;
  if (const auto tree = config::read_tree(source.file, source.text, findings))
    parse_signals(*tree, catalogue, findings);
  return catalogue;
}

SignalCatalogue load_signal_catalogue(const std::vector<std::string>& files, config::Findings& findings) {
  SignalCatalogue catalogue;
  for (const std::string& file : files) {
    const auto text = read_text(file, findings);
    if (!text) continue;
    if (const auto tree = config::read_tree(file, text->text, findings))
      parse_signals(*tree, catalogue, findings);
  }
  return catalogue;
}

std::shared_ptr<const RuleSet> compile_rule_texts(const std::vector<RuleText>& signals,
                                                  const std::vector<RuleText>& rules,
                                                  const LoadOptions& options, config::Findings& findings) {
  SignalCatalogue catalogue;
  bool complete = true;  // a rule can't be blamed for a signal in a file that was not read
  for (const RuleText& source : signals) {
    const std::size_t before = findings.errors();
    if (const auto tree = config::read_tree(source.file, source.text, findings))
      parse_signals(*tree, catalogue, findings);
    complete = complete && findings.errors() == before;
  }
  std::vector<RuleDraft> drafts;
  for (const RuleText& source : rules) {
    const auto tree = config::read_tree(source.file, source.text, findings);
    if (tree == nullptr) continue;
    for (RuleDraft& draft : parse_rules(*tree, category_of(source.file), source.has_test, findings)) {
      drafts.push_back(std::move(draft));
    }
  }
  if (!is_time_zone(options.time_zone)) {
    findings.add("E307", {}, "unknown time zone '" + options.time_zone + "'",
                 "use an IANA name such as Europe/Berlin");
  }
  if (complete) lint_rules(drafts, catalogue, options.lateness, findings);
  std::shared_ptr<const RuleSet> set;
  if (!findings.has_errors())
    set = compile_rules(drafts, catalogue, {options.time_zone, options.all_live}, findings);
  findings.sort();
  return findings.has_errors() ? nullptr : set;
}

std::shared_ptr<const RuleSet> load_rules(const LoadOptions& options, config::Findings& findings) {
  std::vector<RuleText> signals;
  std::vector<RuleText> rules;
  for (const std::string& file : options.signal_files) {
    if (auto text = read_text(file, findings)) signals.push_back(std::move(*text));
  }
  for (const std::string& path : options.pack_paths) {
    for (const std::string& file : rule_files(path)) {
      if (std::find(options.signal_files.begin(), options.signal_files.end(), file) !=
          options.signal_files.end())
        continue;
      auto text = read_text(file, findings);
      if (!text) continue;
      std::error_code error;
      text->has_test = fs::exists(test_beside(file), error);
      rules.push_back(std::move(*text));
    }
  }
  return compile_rule_texts(signals, rules, options, findings);
}

}  // namespace proactive::rules
