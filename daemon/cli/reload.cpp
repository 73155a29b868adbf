#include "daemon/cli/reload.h"

#include <fmt/format.h>

#include <map>
#include <sstream>

#include "config/loader/load_config.h"
#include "daemon/cli/pipeline_setup.h"
#include "rules/engine/load_rules.h"

namespace proactive::daemon {
namespace {

// "kafka.commit.interval" -> "500ms", from YAML as effective_config() writes it: a block mapping, two blanks a level.
std::map<std::string, std::string> flatten(const std::string& yaml) {
  std::map<std::string, std::string> flat;
  std::vector<std::string> path;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || line[indent] == '#') continue;
    if (line[indent] == '-') {  // an item of the list above
      if (!path.empty()) flat[fmt::format("{}", fmt::join(path, "."))] += line.substr(indent);
      continue;
    }
    const std::size_t colon = line.find(':', indent);
    if (colon == std::string::npos) continue;
    path.resize(std::min(path.size(), indent / 2));
    path.push_back(line.substr(indent, colon - indent));
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    flat[fmt::format("{}", fmt::join(path, "."))] = value == std::string::npos ? "" : line.substr(value);
  }
  return flat;
}

}  // namespace

std::vector<std::string> restart_changes(const config::DaemonConfig& running,
                                         const config::DaemonConfig& wanted) {
  config::DaemonConfig comparable = wanted;
  comparable.rules = running.rules;
  comparable.log = running.log;
  comparable.outreach.enabled = running.outreach.enabled;
  const std::map<std::string, std::string> before = flatten(config::effective_config(running));
  const std::map<std::string, std::string> after = flatten(config::effective_config(comparable));

  std::vector<std::string> changes;
  for (const auto& [key, value] : after) {
    const auto found = before.find(key);
    const std::string old = found == before.end() ? "" : found->second;
    if (old != value) changes.push_back(fmt::format("{}: {} -> {}", key, old, value));
  }
  for (const auto& [key, value] : before) {
    if (after.find(key) == after.end()) changes.push_back(fmt::format("{}: {} -> ", key, value));
  }
  if (running.id_key.reveal() != wanted.id_key.reveal())
    changes.push_back("privacy.id_key_file: another key");
  return changes;
}

Result<Reloaded, ReloadRefusal> reload(const std::string& config_file, const config::DaemonConfig& running) {
  config::Findings findings;
  std::optional<config::DaemonConfig> loaded =
      config::load_config(config_file, findings, config::process_environment(), config::LoadFor::run);
  std::shared_ptr<const rules::RuleSet> set;
  if (loaded) set = rules::load_rules(rule_options(*loaded), findings);
  if (!set) {
    ReloadRefusal refusal;
    for (const config::Finding& finding : findings.all()) {
      if (finding.level != config::Level::error) continue;
      refusal.sentences.push_back(fmt::format("{}:{}:{}: {}: {}{}{}", finding.place.file, finding.place.line,
                                              finding.place.column, finding.code, finding.message,
                                              finding.suggestion.empty() ? "" : " - ", finding.suggestion));
    }
    return tl::make_unexpected(std::move(refusal));
  }
  if (std::vector<std::string> changes = restart_changes(running, *loaded); !changes.empty()) {
    for (std::string& change : changes) change += " (needs a restart)";
    return tl::make_unexpected(ReloadRefusal{std::move(changes)});
  }
  return Reloaded{std::move(*loaded), std::move(set)};
}

}  // namespace proactive::daemon
