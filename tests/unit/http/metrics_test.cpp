#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "daemon/http/metric_table.h"
#include "daemon/http/metrics_collector.h"
#include "daemon/http/metrics_page.h"

namespace proactive::daemon {
namespace {

TEST_CASE("a page renders the text format, with prefix, labels escaped and histograms that add up") {
  MetricsPage page;
  page.set("episodes_opened_total", {"a \"quoted\"\nrule"}, std::uint64_t{3});
  page.set("process_open_fds", 7.0);
  const double bounds[] = {0.1, 1};
  const std::uint64_t counts[] = {2, 0, 1};
  page.histogram("kafka_commit_seconds", {}, bounds, counts, 4.5);

  CHECK(render_metrics(page.take()) ==
        "# HELP proactived_episodes_opened_total Episodes that fired.\n"
        "# TYPE proactived_episodes_opened_total counter\n"
        "proactived_episodes_opened_total{rule=\"a \\\"quoted\\\"\\nrule\"} 3\n"
        "# HELP proactived_kafka_commit_seconds How long a commit held its lane.\n"
        "# TYPE proactived_kafka_commit_seconds histogram\n"
        "proactived_kafka_commit_seconds_count 3\n"
        "proactived_kafka_commit_seconds_sum 4.5\n"
        "proactived_kafka_commit_seconds_bucket{le=\"0.1\"} 2\n"
        "proactived_kafka_commit_seconds_bucket{le=\"1\"} 2\n"
        "proactived_kafka_commit_seconds_bucket{le=\"+Inf\"} 3\n"
        "# HELP process_open_fds Open file descriptors.\n"
        "# TYPE process_open_fds gauge\n"
        "process_open_fds 7\n");
}

TEST_CASE("no metric is listed twice, and counters alone end in _total") {
  std::set<std::string> names;
  for (const MetricDefinition& metric : kMetrics) {
    const std::string name = full_name(metric);
    CAPTURE(name);
    CHECK(names.insert(name).second);
    const bool total = name.size() > 6 && name.substr(name.size() - 6) == "_total";
    CHECK(total == (metric.kind == MetricKind::counter));
    CHECK(metric.help.back() == '.');
  }
}

TEST_CASE("no label names a customer, an account or an entity") {
  for (const MetricDefinition& metric : kMetrics) {
    for (const std::string_view label : metric.labels) {
      for (const char* person : {"customer", "account", "entity", "user", "offset"}) {
        CHECK(label.find(person) == std::string_view::npos);
      }
    }
  }
}

TEST_CASE("the process reports itself from its first scrape") {
  MetricsCollector collector;
  collector.add(process_metrics());
  const auto families = collector.Collect();

  const auto value = [&](const std::string& name) {
    for (const auto& family : families) {
      if (family.name == name) return family.metric.at(0).gauge.value + family.metric.at(0).counter.value;
    }
    return -1.0;
  };
  CHECK(value("process_resident_memory_bytes") > 100'000);
  CHECK(value("process_resident_memory_bytes") < value("process_virtual_memory_bytes"));
  CHECK(value("process_open_fds") >= 3);
  CHECK(value("process_max_fds") >= value("process_open_fds"));
  CHECK(value("process_cpu_seconds_total") >= 0);
  CHECK(value("process_start_time_seconds") > 1.7e9);
}

TEST_CASE("each known endpoint, status and level is there from the start, at 0") {
  MetricsCollector collector;
  collector.add(http_metrics(std::make_shared<HttpCounts>(std::vector<std::string>{"/metrics"})));
  collector.add(log_metrics());
  const std::string text = collector.render();

  CHECK(text.find("proactived_http_requests_total{endpoint=\"/metrics\",code=\"503\"} 0\n") !=
        std::string::npos);
  CHECK(text.find("proactived_http_requests_total{endpoint=\"other\",code=\"404\"} 0\n") !=
        std::string::npos);
  CHECK(text.find("proactived_http_request_seconds_count{endpoint=\"/metrics\"} 0\n") != std::string::npos);
  CHECK(text.find("proactived_log_dropped_total{level=\"error\"}") != std::string::npos);
}

// One sample of every metric of the table.
std::string full_page() {
  MetricsPage page;
  const double bounds[] = {0.1, 1};
  const std::uint64_t counts[] = {2, 0, 1};
  for (const MetricDefinition& metric : kMetrics) {
    const auto with = [&](MetricsPage::LabelValues labels) {
      if (metric.kind == MetricKind::histogram) {
        page.histogram(metric.name, labels, bounds, counts, 4.5);
      } else {
        page.set(metric.name, labels, 1.0);
      }
    };
    const std::size_t labels = label_count(metric);
    if (labels == 0) with({});
    if (labels == 1) with({"a"});
    if (labels == 2) with({"a", "b"});
    if (labels == 3) with({"a", "b", "c"});
    if (labels == 4) with({"a", "b", "c", "d"});
  }
  return render_metrics(page.take());
}

TEST_CASE("promtool finds nothing to say about a page with every metric") {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    MESSAGE("SKIP: promtool is not installed");
    return;
  }
  FILE* promtool = ::popen("promtool check metrics 2>&1", "w");
  REQUIRE(promtool != nullptr);
  const std::string page = full_page();
  REQUIRE(std::fwrite(page.data(), 1, page.size(), promtool) == page.size());

  CHECK(::pclose(promtool) == 0);
}

TEST_CASE("every metric that docs/operating.md names exists") {
  std::ifstream file(std::string(PROACTIVE_SOURCE_DIR) + "/docs/operating.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  std::set<std::string> known;
  for (const MetricDefinition& metric : kMetrics) known.insert(full_name(metric));
  const std::regex name("`(proactived_[a-z_]+)`");

  int named = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), name), end; at != end; ++at, ++named) {
    CAPTURE((*at)[1].str());
    CHECK(known.count((*at)[1].str()) == 1);
  }
  CHECK(named > 10);
}

TEST_CASE("docs/metrics.md says what the table says") {
  const std::string path = std::string(PROACTIVE_SOURCE_DIR) + "/docs/metrics.md";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << render_metrics_page();
  std::ifstream file(path);

  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == render_metrics_page());
}

}  // namespace
}  // namespace proactive::daemon
