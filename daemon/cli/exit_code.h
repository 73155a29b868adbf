// What the process tells its caller: sysexits(3) codes, each with one meaning.
#pragma once

#include <cstdint>

namespace proactive::daemon {

enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,          // a test failed, nothing was found, the service is unhealthy, a fatal run-time error
  usage = 64,          // the command line
  bad_data = 65,       // input records or state that can't be read
  no_input = 66,       // a file is missing
  unavailable = 69,    // brokers unreachable (checks; a running daemon waits instead)
  internal = 70,       // an exception that nobody expected
  io_error = 74,       // reading or writing failed
  restart = 75,        // fenced by a twin, clients stuck, shutdown deadline passed: start me again
  configuration = 78,  // configuration, rules, login, ACL or topics are wrong
};

[[nodiscard]] constexpr int to_int(ExitCode code) { return static_cast<int>(code); }

}  // namespace proactive::daemon
