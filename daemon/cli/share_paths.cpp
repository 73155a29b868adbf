#include "daemon/cli/share_paths.h"

#include <cstdlib>
#include <system_error>

#ifndef PROACTIVE_SOURCE_DIR
#define PROACTIVE_SOURCE_DIR ""
#endif

namespace proactive::daemon {

namespace fs = std::filesystem;

fs::path SharePaths::packs() const { return source_tree ? root / "rules" / "packs" : root / "packs"; }

fs::path SharePaths::signals() const { return packs() / "signals.yaml"; }

fs::path SharePaths::static_thresholds() const {
  return source_tree ? root / "config" / "examples" / "static-thresholds" : root / "static-thresholds";
}

fs::path SharePaths::defaults() const {
  return source_tree ? root / "config" / "defaults" / "proactived.yaml" : root / "proactived.yaml";
}

Result<SharePaths> find_share(const char* from_environment, const fs::path& executable) {
  std::vector<SharePaths> candidates;
  if (from_environment != nullptr && *from_environment != '\0') {
    candidates.push_back({from_environment, false});
  } else {  // a name given by hand is not quietly replaced by another
    const fs::path prefix = executable.parent_path().parent_path();
    candidates.push_back({prefix / "share" / "proactived", false});
    candidates.push_back({PROACTIVE_SOURCE_DIR, true});
  }
  std::string looked_at;
  for (const SharePaths& candidate : candidates) {
    std::error_code ignored;
    if (fs::exists(candidate.signals(), ignored)) return candidate;
    looked_at += (looked_at.empty() ? "" : ", ") + candidate.signals().string();
  }
  return failure("the shipped packs are not installed (looked at " + looked_at +
                 "); set PROACTIVED_SHARE to the folder that holds packs/signals.yaml");
}

Result<SharePaths> find_share() {
  std::error_code problem;
  const fs::path executable = fs::read_symlink("/proc/self/exe", problem);
  return find_share(std::getenv("PROACTIVED_SHARE"), problem ? fs::path() : executable);
}

std::vector<std::string> signals_near(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  for (fs::path folder = fs::is_directory(absolute, error) ? absolute : absolute.parent_path();;
       folder = folder.parent_path()) {
    for (const char* name : {"signals.yaml", "signals.yml"}) {
      if (fs::exists(folder / name, error)) return {(folder / name).string()};
    }
    if (folder == folder.parent_path()) break;
  }
  const Result<SharePaths> share = find_share();
  return share ? std::vector<std::string>{share->signals().string()} : std::vector<std::string>{};
}

}  // namespace proactive::daemon
