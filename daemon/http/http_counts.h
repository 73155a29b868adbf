// What the HTTP server has done. One writer, the server's thread; read at scrape.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace proactive::daemon {

// Every status that the server or its routes give; a scrape shows each from the start.
inline constexpr std::array<int, 8> kHttpStatuses{200, 403, 404, 405, 413, 414, 500, 503};
inline constexpr std::array<double, 8> kHttpSecondsBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1};

struct EndpointCounts {
  std::array<std::atomic<std::uint64_t>, kHttpStatuses.size()> by_status{};
  std::array<std::atomic<std::uint64_t>, kHttpSecondsBounds.size() + 1> by_seconds{};  // not cumulative
  std::atomic<double> seconds_sum{0};

  void add(int status, double seconds) {
    for (std::size_t i = 0; i < kHttpStatuses.size(); ++i) {
      if (kHttpStatuses[i] == status) bump(by_status[i]);
    }
    std::size_t bucket = 0;
    while (bucket < kHttpSecondsBounds.size() && seconds > kHttpSecondsBounds[bucket]) ++bucket;
    bump(by_seconds[bucket]);
    seconds_sum.store(seconds_sum.load(std::memory_order_relaxed) + seconds, std::memory_order_relaxed);
  }

 private:
  static void bump(std::atomic<std::uint64_t>& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

struct HttpCounts {
  // Paths of the routes, and "other" last: a path that somebody invents makes no new series.
  explicit HttpCounts(std::vector<std::string> paths) : endpoints(std::move(paths)) {
    endpoints.push_back("other");
    counts = std::make_unique<EndpointCounts[]>(endpoints.size());
  }

  std::vector<std::string> endpoints;
  std::unique_ptr<EndpointCounts[]> counts;  // by endpoint
};

}  // namespace proactive::daemon
