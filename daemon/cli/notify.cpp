#include "daemon/cli/notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace proactive::daemon {
namespace {

std::optional<std::int64_t> parse_number(const char* text) {
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, number);
  if (error != std::errc() || stopped != end || stopped == text) return std::nullopt;
  return number;
}

// STATUS= is one line: a newline would begin another assignment.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace

Notifier::Notifier(const char* socket_path) {
  if (socket_path == nullptr) return;
  std::string address(socket_path);
  const bool absolute = !address.empty() && address.front() == '/';
  const bool abstract = address.size() > 1 && address.front() == '@';
  if ((!absolute && !abstract) || address.size() >= sizeof(sockaddr_un{}.sun_path)) return;
  if (abstract) address.front() = '\0';
  descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  address_ = std::move(address);
}

Notifier::~Notifier() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Notifier::ready(std::string_view text) const { send("READY=1\nSTATUS=" + one_line(text)); }

void Notifier::reloading(std::uint64_t monotonic_microseconds) const {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds));
}

void Notifier::stopping() const { send("STOPPING=1"); }

void Notifier::watchdog() const { send("WATCHDOG=1"); }

void Notifier::status(std::string_view text) const { send("STATUS=" + one_line(text)); }

void Notifier::send(const std::string& message) const {
  if (descriptor_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  (void)!::sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                  reinterpret_cast<const sockaddr*>(&to), length);
}

std::optional<Duration> watchdog_interval(const char* watchdog_usec, const char* watchdog_pid,
                                          std::int64_t own_pid) {
  const std::optional<std::int64_t> limit = parse_number(watchdog_usec);
  if (!limit || *limit <= 0) return std::nullopt;
  if (watchdog_pid != nullptr && parse_number(watchdog_pid) != own_pid) return std::nullopt;
  return Duration(*limit / 2);
}

}  // namespace proactive::daemon
