// The signals of the daemon, as values instead of handlers.
//
// TERM, INT, HUP and USR1 are blocked before the first thread starts, so every thread inherits that, and read from a
// descriptor on the main thread. SIGPIPE is ignored: writes return an error instead.
#pragma once

#include <chrono>
#include <optional>

namespace proactive::daemon {

class Signals {
 public:
  // REQUIRES: the process has one thread. Throws std::system_error.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The next signal; nullopt when none came within `wait`, or when wake() was called.
  [[nodiscard]] std::optional<int> next(std::chrono::milliseconds wait);
  // Any thread: ends a next() that waits, or the next one.
  void wake();

 private:
  int signal_descriptor_ = -1;
  int wake_descriptor_ = -1;
};

}  // namespace proactive::daemon
