#include "daemon/cli/config_file.h"

#include <filesystem>
#include <iostream>
#include <system_error>

namespace proactive::daemon {

bool require_path(const std::string& path) {
  std::error_code problem;
  if (std::filesystem::exists(path, problem)) return true;
  std::cerr << "proactived: '" << path << "' does not exist\n";
  return false;
}

Result<config::DaemonConfig, ExitCode> read_config_file(const std::string& file, config::LoadFor purpose) {
  if (!require_path(file)) return tl::make_unexpected(ExitCode::no_input);
  config::Findings findings;
  std::optional<config::DaemonConfig> loaded =
      config::load_config(file, findings, config::process_environment(), purpose);
  findings.sort();
  std::cerr << findings.render_text();
  if (!loaded) return tl::make_unexpected(ExitCode::configuration);
  return std::move(*loaded);
}

}  // namespace proactive::daemon
