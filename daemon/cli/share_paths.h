// Where the shipped packs and defaults are, in an installed and in a built binary.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/base/result.h"

namespace proactive::daemon {

struct SharePaths {
  std::filesystem::path root;
  [[nodiscard]] std::filesystem::path packs() const;    // root/packs, in the source tree rules/packs
  [[nodiscard]] std::filesystem::path signals() const;  // signals.yaml in the packs
  [[nodiscard]] std::filesystem::path static_thresholds() const;  // the rules that `demo` compares with
  [[nodiscard]] std::filesystem::path defaults()
      const;  // proactived.yaml, in the source tree config/defaults/

  bool source_tree = false;
};

// $PROACTIVED_SHARE, then <folder of the binary>/../share/proactived, then the source tree this was built
// from. The first that holds the packs wins; the error names all that were looked at.
[[nodiscard]] Result<SharePaths> find_share(const char* from_environment,
                                            const std::filesystem::path& executable);
[[nodiscard]] Result<SharePaths> find_share();  // of this process

// The catalogue of a pack, rule or test: signals.yaml in its folder or the nearest one above, else the shipped one. Empty:
// there is none.
[[nodiscard]] std::vector<std::string> signals_near(const std::string& path);

}  // namespace proactive::daemon
