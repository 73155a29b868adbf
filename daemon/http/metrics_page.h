// One scrape being put together: samples by metric name, checked against metric_table.h.
//
// Owner: one scrape. Thread: the scraping one. Failure: a name that the table lacks, or another number of
// labels, is a broken invariant. Metrics without a sample do not appear.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace proactive::daemon {

class MetricsPage {
 public:
  using LabelValues = std::initializer_list<std::string_view>;  // in the order of the table's label names

  MetricsPage();

  // Names are written without the prefix "proactived_" (but process_* in full).
  void set(std::string_view name, LabelValues labels, double value);
  void set(std::string_view name, double value) { set(name, {}, value); }
  void set(std::string_view name, LabelValues labels, std::uint64_t value) {
    set(name, labels, static_cast<double>(value));
  }
  void set(std::string_view name, std::uint64_t value) { set(name, {}, static_cast<double>(value)); }

  // `counts` are per bucket, not cumulative, and one longer than `bounds`. The total is their sum, so that a
  // torn read stays consistent.
  void histogram(std::string_view name, LabelValues labels, std::span<const double> bounds,
                 std::span<const std::uint64_t> counts, double sum);

  // In table order.
  [[nodiscard]] std::vector<prometheus::MetricFamily> take();

 private:
  prometheus::ClientMetric& sample(std::size_t metric, LabelValues labels);

  std::vector<prometheus::MetricFamily> families_;  // by index of the table
};

// Text format 0.0.4.
[[nodiscard]] std::string render_metrics(const std::vector<prometheus::MetricFamily>& families);

}  // namespace proactive::daemon
