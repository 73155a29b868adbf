// Tells systemd what the daemon is doing: one datagram per state, without libsystemd (sd_notify(3)).
//
// Owner: the process. Thread: any; each call is one sendto(). Failure: silent, as sd_notify's callers do;
// without $NOTIFY_SOCKET every call does nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/base/time.h"

namespace proactive::daemon {

class Notifier {
 public:
  // `socket_path`: $NOTIFY_SOCKET; "@..." is an abstract name. Null or unusable: off.
  explicit Notifier(const char* socket_path);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void ready(std::string_view status) const;
  // systemd compares the time with its own CLOCK_MONOTONIC.
  void reloading(std::uint64_t monotonic_microseconds) const;
  void stopping() const;
  void watchdog() const;
  void status(std::string_view text) const;

 private:
  void send(const std::string& message) const;

  int descriptor_ = -1;
  std::string address_;  // as in sockaddr_un::sun_path
};

// How often the watchdog must be fed: half of $WATCHDOG_USEC, if it is meant for this process
// ($WATCHDOG_PID).
[[nodiscard]] std::optional<Duration> watchdog_interval(const char* watchdog_usec, const char* watchdog_pid,
                                                        std::int64_t own_pid);

}  // namespace proactive::daemon
