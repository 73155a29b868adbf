#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/cli/build_names.h"
#include "daemon/cli/commands.h"
#include "daemon/kafka/library.h"

// From the build system; a build without them still knows that it doesn't know.
#ifndef PROACTIVE_VERSION
#define PROACTIVE_VERSION "unknown"
#endif
#ifndef PROACTIVE_REVISION
#define PROACTIVE_REVISION "unknown"
#endif

namespace proactive::daemon {
namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

ExitCode print_version(const std::string& format) {
  const BuildNames names = build_names();
  if (format == "json") {
    std::cout << nlohmann::ordered_json{{"version", names.version},
                                        {"revision", names.revision},
                                        {"compiler", names.compiler},
                                        {"librdkafka", names.librdkafka}}
              << '\n';
  } else {
    std::cout << "proactived " << names.version << "\nrevision   " << names.revision << "\ncompiler   "
              << names.compiler << "\nlibrdkafka " << names.librdkafka << '\n';
  }
  return ExitCode::ok;
}

}  // namespace

BuildNames build_names() { return {PROACTIVE_VERSION, PROACTIVE_REVISION, kCompiler, librdkafka_version()}; }

void add_version(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("version", "Print version, revision, compiler and librdkafka");
  const auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "Output format")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer("Examples:\n  proactived version\n  proactived version --format json");
  command->callback([&chosen, format] { chosen = [format] { return print_version(*format); }; });
}

}  // namespace proactive::daemon
