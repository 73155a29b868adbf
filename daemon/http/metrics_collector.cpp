#include "daemon/http/metrics_collector.h"

#include <array>
#include <utility>

#include "daemon/io/log.h"

namespace proactive::daemon {

std::vector<prometheus::MetricFamily> MetricsCollector::Collect() const {
  MetricsPage page;
  for (const MetricsSource& source : sources_) source(page);
  return page.take();
}

MetricsSource build_metrics(BuildNames names) {
  return [names = std::move(names)](MetricsPage& page) {
    page.set("build_info", {names.version, names.revision, names.compiler, names.librdkafka}, 1.0);
  };
}

MetricsSource http_metrics(std::shared_ptr<const HttpCounts> counts) {
  return [counts = std::move(counts)](MetricsPage& page) {
    for (std::size_t i = 0; i < counts->endpoints.size(); ++i) {
      const EndpointCounts& endpoint = counts->counts[i];
      for (std::size_t status = 0; status < kHttpStatuses.size(); ++status) {
        page.set("http_requests_total", {counts->endpoints[i], std::to_string(kHttpStatuses[status])},
                 endpoint.by_status[status].load(std::memory_order_relaxed));
      }
      std::array<std::uint64_t, kHttpSecondsBounds.size() + 1> seconds{};
      for (std::size_t b = 0; b < seconds.size(); ++b) {
        seconds[b] = endpoint.by_seconds[b].load(std::memory_order_relaxed);
      }
      page.histogram("http_request_seconds", {counts->endpoints[i]}, kHttpSecondsBounds, seconds,
                     endpoint.seconds_sum.load(std::memory_order_relaxed));
    }
  };
}

MetricsSource log_metrics() {
  return [](MetricsPage& page) {
    const auto dropped = log_dropped();
    for (std::size_t level = 0; level < dropped.size(); ++level) {
      page.set("log_dropped_total", {to_string(static_cast<LogLevel>(level))}, dropped[level]);
    }
  };
}

}  // namespace proactive::daemon
