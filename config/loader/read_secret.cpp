#include "config/loader/read_secret.h"

#include <vector>

namespace proactive::config {
namespace {

constexpr std::size_t kMaxSecret = 64 * 1024;

std::vector<std::string> candidates(const std::string& name, const std::string& config_file,
                                    const Environment& environment) {
  std::vector<std::string> paths;
  const auto directory = environment.variables.find("CREDENTIALS_DIRECTORY");
  if (name.front() != '/' && directory != environment.variables.end() && !directory->second.empty()) {
    paths.push_back(directory->second + "/" + name);
    paths.push_back(directory->second + "/proactived_" + name);
  }
  paths.push_back(beside(config_file, name));
  return paths;
}

}  // namespace

std::optional<Secret> read_secret(const std::string& name, const Place& place, const std::string& config_file,
                                  const Environment& environment, Findings& findings) {
  const std::vector<std::string> paths = candidates(name, config_file, environment);
  for (const std::string& path : paths) {
    // One byte more than allowed, for the newline that is dropped.
    Result<FileBytes, FileError> file = environment.read_file(path, kMaxSecret + 1);
    if (!file && file.error().is_missing && path != paths.back()) continue;
    if (!file && file.error().is_too_large) {
      findings.add("E311", place, "the secret in '" + path + "' is larger than 64 KiB");
      return std::nullopt;
    }
    if (!file) {
      std::string tried;
      for (const std::string& each : paths) tried += (tried.empty() ? "" : ", ") + each;
      findings.add(
          "E310", place, "the secret '" + name + "' can't be read: " + file.error().message,
          paths.size() > 1 && file.error().is_missing ? "looked for " + tried : "the path is " + path);
      return std::nullopt;
    }
    if (!file->bytes.empty() && file->bytes.back() == '\n') file->bytes.pop_back();
    if (file->bytes.empty() || file->bytes.size() > kMaxSecret) {
      findings.add(
          "E311", place,
          "the secret in '" + path + "' is " + (file->bytes.empty() ? "empty" : "larger than 64 KiB"));
      return std::nullopt;
    }
    if (file->is_world_readable) {
      findings.add("W312", place, "every user of this host can read the secret '" + path + "'",
                   "chmod o-r it");
    }
    return Secret(std::move(file->bytes));
  }
  return std::nullopt;
}

}  // namespace proactive::config
