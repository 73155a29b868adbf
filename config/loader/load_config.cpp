#include "config/loader/load_config.h"

#include "config/loader/bind_config.h"
#include "config/loader/check_config.h"
#include "config/loader/config_fields.h"
#include "config/loader/config_reader.h"
#include "config/loader/config_tree.h"

namespace proactive::config {
namespace {

constexpr TreeLimits kLimits{std::size_t{8} << 20, 200'000, 64};

}  // namespace

std::optional<DaemonConfig> decode_config(const std::string& file, std::string_view text, Findings& findings,
                                          const Environment& environment, LoadFor purpose) {
  const std::size_t errors_before = findings.errors();
  const std::unique_ptr<TreeNode> root = read_tree(file, text, findings, kLimits);
  if (root == nullptr) return std::nullopt;
  substitute(*root, environment, findings);

  DaemonConfig config;
  const ReadContext context{file, environment, findings, config_table()};
  ConfigReader reader(root.get(), config_table(), context);
  bind_config(reader, config);
  if (root->kind == NodeKind::mapping) check_config(config, *root, purpose, findings);
  if (findings.errors() > errors_before) return std::nullopt;
  return config;
}

std::optional<DaemonConfig> load_config(const std::string& file, Findings& findings,
                                        const Environment& environment, LoadFor purpose) {
  const Result<FileBytes, FileError> bytes = environment.read_file(file, kLimits.max_bytes);
  if (!bytes) {
    findings.add("E310", {file, 0, 0, 1}, "the configuration can't be read: " + bytes.error().message);
    return std::nullopt;
  }
  return decode_config(file, bytes->bytes, findings, environment, purpose);
}

}  // namespace proactive::config
