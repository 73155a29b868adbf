// All of /metrics: a list of sources, asked in order at each scrape.
//
// Owner: the process. Thread: collect() on the HTTP thread; sources read atomics and immutable data only.
#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/http/http_counts.h"
#include "daemon/http/metrics_page.h"

namespace proactive::daemon {

using MetricsSource = std::function<void(MetricsPage&)>;

class MetricsCollector final : public prometheus::Collectable {
 public:
  // REQUIRES: before the first scrape.
  void add(MetricsSource source) { sources_.push_back(std::move(source)); }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;  // prometheus-cpp's spelling
  [[nodiscard]] std::string render() const { return render_metrics(Collect()); }

 private:
  std::vector<MetricsSource> sources_;
};

struct BuildNames {
  std::string version, revision, compiler, librdkafka;
};

[[nodiscard]] MetricsSource build_metrics(BuildNames names);
[[nodiscard]] MetricsSource http_metrics(std::shared_ptr<const HttpCounts> counts);
[[nodiscard]] MetricsSource log_metrics();
// The standard process_* set, from /proc/self. What can't be read is left out.
[[nodiscard]] MetricsSource process_metrics();

}  // namespace proactive::daemon
