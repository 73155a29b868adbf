#include "daemon/cli/notify.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

namespace proactive::daemon {
namespace {

// The service manager's end: an abstract socket, so that nothing is left in the file system.
class Manager {
 public:
  Manager() : name_("@proactived-notify-test-" + std::to_string(::getpid())) {
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), length) == 0);
  }
  ~Manager() { ::close(descriptor_); }

  [[nodiscard]] const char* name() const { return name_.c_str(); }
  [[nodiscard]] std::string next() const {  // empty: nothing was sent
    char buffer[512];
    const ssize_t got = ::recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }

 private:
  std::string name_;
  int descriptor_;
};

TEST_CASE("each state is one datagram in systemd's words") {
  const Manager manager;
  const Notifier notifier(manager.name());

  notifier.ready("two lanes");
  CHECK(manager.next() == "READY=1\nSTATUS=two lanes");
  notifier.reloading(1234567);
  CHECK(manager.next() == "RELOADING=1\nMONOTONIC_USEC=1234567");
  notifier.stopping();
  CHECK(manager.next() == "STOPPING=1");
  notifier.watchdog();
  CHECK(manager.next() == "WATCHDOG=1");
}

TEST_CASE("a status can't smuggle in another assignment") {
  const Manager manager;

  Notifier(manager.name()).status("waiting\nMAINPID=1");

  CHECK(manager.next() == "STATUS=waiting MAINPID=1");
}

TEST_CASE("without a manager, or with one that has gone, nothing happens") {
  const std::string too_long = "/" + std::string(200, 'x');
  for (const char* socket : {static_cast<const char*>(nullptr), "", "@", "relative", too_long.c_str(),
                             "/nonexistent/notify", "@proactived-notify-test-nobody"}) {
    const Notifier notifier(socket);
    notifier.ready("x");
    notifier.watchdog();
  }
}

TEST_CASE("the watchdog is fed at half of its limit, if it is ours") {
  const struct {
    const char *usec, *pid;
    std::optional<Duration> interval;
  } rows[] = {
      {nullptr, nullptr, std::nullopt},             // no watchdog
      {"30000000", nullptr, Duration(15'000'000)},  // for whoever reads it
      {"30000000", "42", Duration(15'000'000)},     // for us
      {"30000000", "43", std::nullopt},             // for a parent that passed its environment on
      {"0", nullptr, std::nullopt},                 // off
      {"-5", nullptr, std::nullopt},                // nonsense
      {"30s", nullptr, std::nullopt},               // nonsense
      {"", nullptr, std::nullopt},                  // nonsense
      {"30000000", "x", std::nullopt},              // nonsense
  };
  for (const auto& row : rows) CHECK(watchdog_interval(row.usec, row.pid, 42) == row.interval);
}

}  // namespace
}  // namespace proactive::daemon
