#include "daemon/http/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "daemon/http/metric_table.h"
#include "models/base/check.h"

namespace proactive::daemon {
namespace {

const std::unordered_map<std::string_view, std::size_t>& index_by_name() {
  static const std::unordered_map<std::string_view, std::size_t> index = [] {
    std::unordered_map<std::string_view, std::size_t> built;
    for (std::size_t i = 0; i < kMetrics.size(); ++i) built.emplace(kMetrics[i].name, i);
    return built;
  }();
  return index;
}

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return prometheus::MetricType::Counter;
    case MetricKind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::histogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

std::size_t find_metric(std::string_view name) {
  const auto found = index_by_name().find(name);
  PROACTIVE_CHECK(found != index_by_name().end());
  return found->second;
}

}  // namespace

MetricsPage::MetricsPage() : families_(kMetrics.size()) {
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    families_[i].name = full_name(kMetrics[i]);
    families_[i].help = std::string(kMetrics[i].help);
    families_[i].type = type_of(kMetrics[i].kind);
  }
}

prometheus::ClientMetric& MetricsPage::sample(std::size_t metric, LabelValues labels) {
  const MetricDefinition& definition = kMetrics[metric];
  PROACTIVE_CHECK(labels.size() == label_count(definition));
  prometheus::ClientMetric& added = families_[metric].metric.emplace_back();
  std::size_t i = 0;
  for (const std::string_view value : labels) {
    added.label.push_back({std::string(definition.labels[i++]), std::string(value)});
  }
  return added;
}

void MetricsPage::set(std::string_view name, LabelValues labels, double value) {
  const std::size_t metric = find_metric(name);
  PROACTIVE_CHECK(kMetrics[metric].kind != MetricKind::histogram);
  prometheus::ClientMetric& added = sample(metric, labels);
  (kMetrics[metric].kind == MetricKind::counter ? added.counter.value : added.gauge.value) = value;
}

void MetricsPage::histogram(std::string_view name, LabelValues labels, std::span<const double> bounds,
                            std::span<const std::uint64_t> counts, double sum) {
  const std::size_t metric = find_metric(name);
  PROACTIVE_CHECK(kMetrics[metric].kind == MetricKind::histogram);
  PROACTIVE_CHECK(counts.size() == bounds.size() + 1);
  prometheus::ClientMetric& added = sample(metric, labels);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    total += counts[i];
    added.histogram.bucket.push_back({total, bounds[i]});
  }
  added.histogram.sample_count = total + counts[bounds.size()];
  added.histogram.sample_sum = sum;
}

std::vector<prometheus::MetricFamily> MetricsPage::take() {
  std::vector<prometheus::MetricFamily> filled;
  for (prometheus::MetricFamily& family : families_) {
    if (!family.metric.empty()) filled.push_back(std::move(family));
  }
  families_.clear();
  return filled;
}

std::string render_metrics(const std::vector<prometheus::MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace proactive::daemon
