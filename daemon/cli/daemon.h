// The running daemon: the start list, what happens meanwhile, and the stop list.
//
//   start: signals blocked, log, rules, HTTP (not ready), READY=1, topic checks (as long as it takes), lanes
//   meanwhile: HUP reloads, USR1 logs the lanes, a lane that ends by itself ends the process
//   stop:  not ready, STOPPING=1, lanes drain and commit, clients close, HTTP last; past the deadline exit 75
//
// Owner: `run`. Thread: main. Clock: wall and steady. Failure: an exit code of operations.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/loader/daemon_config.h"
#include "daemon/cli/exit_code.h"
#include "daemon/io/lane_options.h"
#include "daemon/io/log_line.h"

namespace proactive::daemon {

struct RunOptions {
  std::string config_file;
  std::optional<LogLevel> log_level;      // stronger than the configuration's
  bool accept_empty_state = false;        // a lost changelog: begin cold instead of refusing
  bool accept_offset_reset = false;       // offsets set by hand: keep the state, go on at the offsets
  std::vector<RecordPlace> skip_records;  // put to the dead letters unseen
};

// REQUIRES: the process has one thread, and `config` was loaded from the options' file.
[[nodiscard]] ExitCode run_daemon(const config::DaemonConfig& config, const RunOptions& options);

}  // namespace proactive::daemon
