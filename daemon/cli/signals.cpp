#include "daemon/cli/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>

namespace proactive::daemon {

Signals::Signals() {
  sigset_t ours;
  sigemptyset(&ours);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&ours, signal);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &ours, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "can't block signals");
  }
  std::signal(SIGPIPE, SIG_IGN);
  signal_descriptor_ = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
  wake_descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signal_descriptor_ < 0 || wake_descriptor_ < 0) {
    throw std::system_error(errno, std::generic_category(), "can't read signals");
  }
}

Signals::~Signals() {
  ::close(signal_descriptor_);
  ::close(wake_descriptor_);
}

std::optional<int> Signals::next(std::chrono::milliseconds wait) {
  pollfd watched[] = {{signal_descriptor_, POLLIN, 0}, {wake_descriptor_, POLLIN, 0}};
  if (::poll(watched, 2, static_cast<int>(wait.count())) <= 0) return std::nullopt;
  if (signalfd_siginfo info{}; ::read(signal_descriptor_, &info, sizeof info) == sizeof info) {
    return static_cast<int>(info.ssi_signo);
  }
  std::uint64_t count = 0;
  (void)!::read(wake_descriptor_, &count, sizeof count);
  return std::nullopt;
}

void Signals::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_descriptor_, &one, sizeof one);
}

}  // namespace proactive::daemon
