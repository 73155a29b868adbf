// Any bytes: the strict tree and the configuration loader report findings and never crash, hang or read a file.
// What loads is written out and must load again to the same text.
#include <cstdint>
#include <cstdlib>

#include "config/loader/load_config.h"

namespace {

using namespace proactive;

config::Environment sealed_environment() {
  config::Environment environment;
  environment.variables = {{"SET", "value"}, {"EMPTY", ""}, {"FOUR", "4"}};
  environment.read_file = [](const std::string& path,
                             std::size_t) -> Result<config::FileBytes, config::FileError> {
    if (path.find("none") != std::string::npos)
      return tl::make_unexpected(config::FileError{true, false, "missing"});
    return config::FileBytes{"a secret\n", path.find("open") != std::string::npos};
  };
  return environment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::Environment environment = sealed_environment();
  config::Findings findings;
  const auto loaded = config::decode_config("fuzz.yaml", text, findings, environment, config::LoadFor::run);
  findings.sort();
  if (findings.render_text().empty() != findings.all().empty()) std::abort();
  if (findings.render_json().empty()) std::abort();
  if (!loaded) return findings.has_errors() ? 0 : (std::abort(), 0);

  const std::string effective = config::effective_config(*loaded);
  config::Findings again;
  const auto reloaded =
      config::decode_config("effective.yaml", effective, again, environment, config::LoadFor::run);
  if (!reloaded || config::effective_config(*reloaded) != effective) std::abort();
  return 0;
}
