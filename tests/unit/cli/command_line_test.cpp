#include "daemon/cli/command_line.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/cli/log.h"
#include "daemon/cli/share_paths.h"

namespace proactive::daemon {
namespace {

namespace fs = std::filesystem;

// Runs the command line with both streams kept.
struct Ran {
  ExitCode code;
  std::string out, err;
};
Ran run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "proactived");
  std::ostringstream out, err;
  std::streambuf* const cout = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const cerr = std::cerr.rdbuf(err.rdbuf());
  const ExitCode code = run_command_line(static_cast<int>(arguments.size()), arguments.data());
  std::cout.rdbuf(cout);
  std::cerr.rdbuf(cerr);
  return {code, out.str(), err.str()};
}

TEST_CASE("a wrong command line ends with 64 and says what is wrong on stderr") {
  const struct {
    std::vector<const char*> arguments;
    std::string says;
  } rows[] = {
      {{"runn"}, "runn"},                                 // no such subcommand
      {{"version", "--no-such-flag"}, "--no-such-flag"},  // no such flag
      {{"version", "--format", "xml"}, "--format"},       // no such value
      {{"version", "--format"}, "--format"},              // a flag without its value
      {{"version", "surplus"}, "surplus"},                // an argument that nobody asked for
      {{"healthcheck", "--timeout", "0"}, "--timeout"},   // out of range
      {{"config"}, "--config"},                           // what is required is missing
      {{"check"}, "nothing to check"},                    // likewise
      {{"version", "config"}, "config"},                  // two subcommands
  };
  for (const auto& row : rows) {
    const Ran ran = run(row.arguments);
    CAPTURE(row.says);
    CAPTURE(ran.err);
    CHECK(ran.code == ExitCode::usage);
    CHECK(ran.err.find(row.says) != std::string::npos);
    CHECK(ran.out.empty());
  }
}

TEST_CASE("a bare call shows the help and ends with 64") {
  const Ran ran = run({});

  CHECK(ran.code == ExitCode::usage);
  CHECK(ran.out.find("healthcheck") != std::string::npos);
}

TEST_CASE("every subcommand has help with examples, and asking for it is no error") {
  const std::string overview = run({"--help"}).out;
  std::istringstream lines(overview.substr(overview.find("Subcommands:\n") + 13));
  int subcommands = 0;
  for (std::string line; std::getline(lines, line) && line.substr(0, 2) == "  ";) {
    if (line[2] == ' ') continue;  // a description that goes on
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    CAPTURE(name);
    ++subcommands;

    const Ran ran = run({name.c_str(), "--help"});

    CHECK(ran.code == ExitCode::ok);
    CHECK(ran.out.find("Examples:\n  proactived " + name) != std::string::npos);
  }
  CHECK(subcommands >= 4);
}

TEST_CASE("a file that is missing ends with 66, with its name") {
  const std::vector<std::vector<const char*>> rows = {
      {"config", "--config", "/nonexistent/proactived.yaml"},
      {"check", "--config", "/nonexistent/proactived.yaml"},
      {"check", "/nonexistent/packs"},
      {"check", "/nonexistent/packs", "--signals", "/nonexistent/signals.yaml"},
      {"healthcheck", "--config", "/nonexistent/proactived.yaml"},
  };
  for (const auto& row : rows) {
    const Ran ran = run(row);
    CHECK(ran.code == ExitCode::no_input);
    CHECK(ran.err.find("'/nonexistent/p") != std::string::npos);
  }
}

TEST_CASE("a health check that nobody answers ends with 1") {
  const Ran ran = run({"healthcheck", "--address", "127.0.0.1:1"});  // tcpmux: nobody listens

  CHECK(ran.code == ExitCode::failed);
  CHECK(ran.err == "proactived: no answer from 127.0.0.1:1: Connection refused\n");
}

TEST_CASE("every exit code is the one of sysexits that its name says") {
  const struct {
    ExitCode code;
    int number;
  } rows[] = {
      {ExitCode::ok, 0},        {ExitCode::failed, 1},
      {ExitCode::usage, 64},    {ExitCode::bad_data, 65},
      {ExitCode::no_input, 66}, {ExitCode::unavailable, 69},
      {ExitCode::internal, 70}, {ExitCode::io_error, 74},
      {ExitCode::restart, 75},  {ExitCode::configuration, 78},
  };
  for (const auto& row : rows) CHECK(to_int(row.code) == row.number);
}

TEST_CASE("the log's format follows from where stderr leads, unless the configuration says otherwise") {
  const struct {
    const char* format;
    StderrKind to;
    LogFormat expected;
  } rows[] = {
      {"auto", {.journal = true, .terminal = false}, LogFormat::logfmt},
      {"auto", {.journal = false, .terminal = true}, LogFormat::logfmt},
      {"auto", {.journal = false, .terminal = false}, LogFormat::json},  // a container's collector
      {"logfmt", {.journal = false, .terminal = false}, LogFormat::logfmt},
      {"json", {.journal = true, .terminal = false}, LogFormat::json},
  };
  for (const auto& row : rows) {
    const LogOptions options = log_options({"warn", row.format}, row.to);
    CHECK(options.format == row.expected);
    CHECK(options.journal_priority == row.to.journal);
    CHECK(options.level == LogLevel::warn);
  }
}

TEST_CASE("stderr is the journal only when it is the very stream that systemd names") {
  CHECK_FALSE(stderr_kind(nullptr).journal);
  CHECK_FALSE(stderr_kind("1:2").journal);
  CHECK_FALSE(stderr_kind("nonsense").journal);
}

struct Folder {
  fs::path path = fs::temp_directory_path() / ("proactived-share-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void touch(const fs::path& file) const {
    fs::create_directories((path / file).parent_path());
    std::ofstream(path / file) << '\n';
  }
};

TEST_CASE("the packs are those of PROACTIVED_SHARE, else those beside the binary, else the source tree's") {
  const Folder folder;
  folder.touch("usr/share/proactived/packs/signals.yaml");
  folder.touch("mine/packs/signals.yaml");
  const fs::path installed = folder.path / "usr/bin/proactived";
  const std::string mine = (folder.path / "mine").string();

  CHECK(find_share(mine.c_str(), installed)->signals() == folder.path / "mine/packs/signals.yaml");
  CHECK(find_share(nullptr, installed)->packs() == folder.path / "usr/share/proactived/packs");
  CHECK(find_share("", installed)->defaults() == folder.path / "usr/share/proactived/proactived.yaml");
}

TEST_CASE("a share folder named by hand is not replaced by another one when it is empty") {
  const Folder folder;
  folder.touch("usr/share/proactived/packs/signals.yaml");

  const auto found = find_share("/nonexistent", folder.path / "usr/bin/proactived");

  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().message.find("/nonexistent/packs/signals.yaml") != std::string::npos);
}

}  // namespace
}  // namespace proactive::daemon
