#include "daemon/http/metric_table.h"

#include <fmt/format.h>

namespace proactive::daemon {
namespace {

std::string_view to_string(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return "counter";
    case MetricKind::gauge:
      return "gauge";
    case MetricKind::histogram:
      return "histogram";
  }
  return "";
}

}  // namespace

std::string render_metrics_page() {
  std::string page =
      "# Metrics\n\n"
      "<!-- Written from daemon/http/metric_table.h; UPDATE_GOLDEN=1 unit_http rewrites it. -->\n\n"
      "Served at `/metrics` of `http.ops.listen`, text format 0.0.4. No label ever holds a customer or an "
      "entity.\n"
      "Effects (episodes, decisions, outreach) are counted when they are committed, so an aborted "
      "transaction leaves\n"
      "no trace in them; work (records, bytes) includes what an abort repeats.\n\n"
      "| metric | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricDefinition& metric : kMetrics) {
    std::string labels;
    for (std::size_t i = 0; i < label_count(metric); ++i) {
      labels += fmt::format("{}`{}`", i == 0 ? "" : ", ", metric.labels[i]);
    }
    page += fmt::format("| `{}` | {} | {} | {} |\n", full_name(metric), to_string(metric.kind), labels,
                        metric.help);
  }
  return page;
}

}  // namespace proactive::daemon
