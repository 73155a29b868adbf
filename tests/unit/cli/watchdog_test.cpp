#include "daemon/cli/watchdog.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "daemon/cli/lane_plan.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

struct WatchdogFixture {
  LaneMetrics lanes[2];
  int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::string name = "@proactived-watchdog-test-" + std::to_string(::getpid());
  std::unique_ptr<Notifier> notifier;
  std::unique_ptr<Watchdog> watchdog;

  WatchdogFixture() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(manager, reinterpret_cast<sockaddr*>(&address), length) == 0);
    notifier = std::make_unique<Notifier>(name.c_str());
    const std::vector<const LaneMetrics*> blocks = {&lanes[0], &lanes[1]};
    watchdog = std::make_unique<Watchdog>(
        blocks, [] { return Duration(0s); }, *notifier, WatchdogOptions{30s, 10s});
    for (const std::size_t lane : {0u, 1u}) watchdog->set_idle(lane, false);
  }
  ~WatchdogFixture() { ::close(manager); }

  void beat(std::size_t lane, Duration at) {
    lanes[lane].heartbeat_micros.set(static_cast<std::uint64_t>(at.count()));
  }
  [[nodiscard]] int pings() const {
    int count = 0;
    char buffer[64];
    while (::recv(manager, buffer, sizeof buffer, MSG_DONTWAIT) > 0) ++count;
    return count;
  }
};

TEST_CASE("a lane is stalled when its last beat is older than the limit, and well again with the next one") {
  WatchdogFixture at;
  at.beat(0, 100s);
  at.beat(1, 100s);

  at.watchdog->look(130s);
  CHECK(at.watchdog->stalled_lanes().empty());

  at.beat(0, 131s);
  at.watchdog->look(131s);
  CHECK(at.watchdog->stalled_lanes() == std::vector<std::size_t>{1});

  at.beat(1, 132s);
  at.watchdog->look(132s);
  CHECK(at.watchdog->stalled_lanes().empty());
}

TEST_CASE("one stalled lane of two stops the pings to the service manager") {
  WatchdogFixture at;
  at.beat(0, 100s);
  at.beat(1, 100s);
  at.watchdog->look(110s);
  CHECK(at.pings() == 1);

  at.beat(0, 140s);
  for (int second = 140; second < 200; ++second) at.watchdog->look(std::chrono::seconds(second));

  CHECK(at.pings() == 0);
}

TEST_CASE("the service manager is pinged as often as it asks, not at each look") {
  WatchdogFixture at;
  for (int second = 100; second <= 130; ++second) {
    at.beat(0, std::chrono::seconds(second));
    at.beat(1, std::chrono::seconds(second));
    at.watchdog->look(std::chrono::seconds(second));
  }

  CHECK(at.pings() == 4);  // 100, 110, 120, 130
}

TEST_CASE("a lane whose thread does not run can't be stalled") {
  WatchdogFixture at;
  at.watchdog->set_idle(1, true);
  at.beat(0, 1000s);

  at.watchdog->look(1000s);

  CHECK(at.watchdog->stalled_lanes().empty());
  CHECK(at.pings() == 1);
}

TEST_CASE("cgroup's cpu.max in whole cores, rounded up") {
  CHECK(cores_of_cpu_max("max 100000\n") == 0);  // no limit
  CHECK(cores_of_cpu_max("200000 100000\n") == 2);
  CHECK(cores_of_cpu_max("150000 100000\n") == 2);  // one and a half
  CHECK(cores_of_cpu_max("50000 100000\n") == 1);
  CHECK(cores_of_cpu_max("") == 0);        // no such file
  CHECK(cores_of_cpu_max("100000") == 0);  // no period
  CHECK(cores_of_cpu_max("100000 0\n") == 0);
  CHECK(auto_lanes() >= 1);
  CHECK(auto_lanes() <= 8);
}

}  // namespace
}  // namespace proactive::daemon
