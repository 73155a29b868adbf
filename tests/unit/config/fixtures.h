// What the configuration tests share: files of the source tree, and surroundings that are the same on every host.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "config/loader/config_tree.h"
#include "config/loader/substitute.h"

namespace proactive::test {

inline std::string source_path(const std::string& path) {
  return std::string(PROACTIVE_SOURCE_DIR) + "/" + path;
}

inline std::string read_source(const std::string& path) {
  std::ifstream in(source_path(path), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// UPDATE_DOCS=1 and UPDATE_GOLDEN=1 rewrite generated pages and expected findings; the diff is then reviewed.
inline bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && std::string(value) == "1";
}

inline void write_source(const std::string& path, const std::string& text) {
  std::ofstream(source_path(path), std::ios::binary) << text;
}

inline std::vector<std::string> files_of(const std::string& folder, const std::string& extension) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_path(folder))) {
    if (entry.path().extension() == extension)
      names.push_back(folder + "/" + entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Files by path; what is not here is missing.
inline config::Environment surroundings(std::map<std::string, config::FileBytes> files = {}) {
  const std::map<std::string, config::FileBytes> common = {
      {"secrets/good", {"a secret\n", false}}, {"secrets/empty", {"\n", false}},
      {"secrets/open", {"a secret", true}},    {"secrets/large", {std::string(64 * 1024 + 1, 'x'), false}},
      {"/files/timeout", {"45s\n", true}},
  };
  files.insert(common.begin(), common.end());
  config::Environment environment;
  environment.variables = {{"SET", "value"}, {"EMPTY", ""}, {"FOUR", "4"}};
  environment.read_file = [files](const std::string& path,
                                  std::size_t max_bytes) -> Result<config::FileBytes, config::FileError> {
    const auto file = files.find(path);
    if (file == files.end())
      return tl::make_unexpected(config::FileError{true, false, "No such file or directory"});
    if (file->second.bytes.size() > max_bytes) {
      return tl::make_unexpected(
          config::FileError{false, true, "it is larger than " + std::to_string(max_bytes) + " bytes"});
    }
    return file->second;
  };
  return environment;
}

// "kafka.commit.interval" -> "500ms", for every scalar of a tree.
inline void flatten(const config::TreeNode& node, const std::string& path,
                    std::map<std::string, std::string>& out) {
  if (node.kind == config::NodeKind::scalar) out[path] = node.text;
  if (node.kind == config::NodeKind::sequence) out[path] = "";
  for (const config::TreeNode& item : node.items) out[path] += item.text + ",";
  for (const config::TreeNode::Member& member : node.members) {
    flatten(member.value, path.empty() ? member.key : path + "." + member.key, out);
  }
}

inline std::map<std::string, std::string> flatten_yaml(const std::string& text) {
  config::Findings findings;
  const auto root = config::read_tree("yaml", text, findings);
  std::map<std::string, std::string> out;
  if (root != nullptr) flatten(*root, "", out);
  return out;
}

}  // namespace proactive::test
