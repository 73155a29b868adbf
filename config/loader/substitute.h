// What a configuration takes from its surroundings: ${NAME}, ${NAME:-default}, ${file:/path}, and $$ for a
// dollar.
//
// Done on scalars after parsing, so a value can't change the structure or move columns. Rule files have none:
// a pack means the same everywhere.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "config/loader/config_tree.h"
#include "config/loader/diagnostics.h"
#include "models/base/result.h"

namespace proactive::config {

struct FileBytes {
  std::string bytes;
  bool is_world_readable = false;
};

struct FileError {
  bool is_missing = false;
  bool is_too_large = false;
  std::string message;  // without the path
};

// A regular file of at most `max_bytes`; devices, pipes and directories are refused.
[[nodiscard]] Result<FileBytes, FileError> read_regular_file(const std::string& path, std::size_t max_bytes);

// The surroundings as an argument, so that tests and fuzzers set them.
struct Environment {
  std::map<std::string, std::string> variables;
  std::function<Result<FileBytes, FileError>(const std::string& path, std::size_t max_bytes)> read_file =
      read_regular_file;
};

// The variables of this process.
[[nodiscard]] Environment process_environment();

// Fills in every scalar value of the tree (keys stay). What can't be filled in is E313 or E310, and its node
// becomes null, so that nothing else is said about it. A filled-in value counts as plain, not quoted.
void substitute(TreeNode& node, const Environment& environment, Findings& findings);

// `path` as written in `config_file`: relative ones are beside it.
[[nodiscard]] std::string beside(const std::string& config_file, const std::string& path);

}  // namespace proactive::config
