// How well the default detectors find labelled faults, against simple baselines; the figures of docs/models/quality.md.
//
//   quality_bench --write-docs                              rewrites the page
//   quality_bench [--split tuning|reporting] [--seeds N]    tables of one split on stdout, baselines at their tuned settings
//   quality_bench --trace NAME [--split ...] [--clean]      one series as CSV, with the score of each shipped ensemble
//   quality_bench --check-continuation                   a stored series goes on as if it had not stopped (continuation.h)
//   quality_bench --check FILE                              the small page equals FILE; UPDATE_GOLDEN=1 rewrites FILE
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/bench/quality/continuation.h"
#include "tests/bench/quality/lineup.h"
#include "tests/bench/quality/page.h"
#include "tests/bench/quality/report.h"
#include "tests/bench/quality/suite.h"

namespace proactive::quality {
namespace {

constexpr int kTuningSeeds = 10;

void print_trace(Split split, const std::string& name, bool clean) {
  const Series series = make_one(split, name, !clean);
  const std::vector<Detector> detectors = shipped_ensembles();
  std::vector<Trace> traces;
  std::printf("t,x,label");
  for (const Detector& detector : detectors) {
    std::printf(",%s", detector.name.c_str());
    traces.push_back(detector.variants[0].run(series));
  }
  std::printf("\n");
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    std::string label = i < series.probation ? "probation" : "";
    for (const Window& window : series.windows) {
      if (i >= window.begin && i < window.end) label = name_of(window.kind);
    }
    std::printf("%lld,%.6g,%s", static_cast<long long>(series.t[i]), series.x[i], label.c_str());
    for (const Trace& trace : traces) std::printf(",%.3f", double{trace[i]});
    std::printf("\n");
  }
}

void print_tables(Split split, int seeds) {
  const std::vector<Series> tuning = make_suite(Split::tuning, kTuningSeeds, true);
  const std::vector<Series> suite = make_suite(split, seeds, true);
  std::vector<Entry> all, simple;
  std::vector<QuietEntry> quiet;
  const std::vector<Series> panel = make_quiet_panel(split, 10);
  for (const Detector& detector : shipped_ensembles()) {
    Chosen shipped{{0, kHighSensitivity, kQuietHours}, {0, kHighSensitivity, 0}};
    all.push_back({detector.name, "1.6", shipped, measure(detector, shipped, suite)});
    shipped.events.threshold = kMediumSensitivity;
    quiet.push_back({detector.name, measure_quiet(detector, shipped.events, panel)});
    const Chosen chosen = choose_settings(detector, tuning);
    all.push_back(
        {detector.name, describe(detector, chosen.events), chosen, measure(detector, chosen, suite)});
  }
  for (const Detector& detector : baselines()) {
    const Chosen chosen = choose_settings(detector, tuning);
    simple.push_back(
        {detector.name, describe(detector, chosen.events), chosen, measure(detector, chosen, suite)});
  }
  std::vector<Entry> table = all;
  table.insert(table.end(), simple.begin(), simple.end());
  std::printf("%s split, %d seeds, %zu series\n\n%s\n%s\n%s\n%s\n", name_of(split), seeds, suite.size(),
              overview_table(table).c_str(), kind_table(table).c_str(), fault_table(table).c_str(),
              quiet_table(quiet).c_str());
  for (const std::string& lost : lost_kinds(all.front(), simple)) std::printf("lost: %s\n", lost.c_str());
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && std::string(value) == "1";
}

bool write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return out.good();
}

// Names the first line that differs, since the whole page says less.
bool same_as(const std::string& path, const std::string& text) {
  std::ifstream in(path, std::ios::binary);
  const std::string wanted{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (wanted == text) return true;
  std::size_t at = 0;
  while (at < wanted.size() && at < text.size() && wanted[at] == text[at]) ++at;
  const auto line_at = [at](const std::string& whole) {
    const std::size_t begin = at == 0 ? std::string::npos : whole.rfind('\n', at - 1);
    const std::size_t first = begin == std::string::npos ? 0 : begin + 1;
    return whole.substr(first, whole.find('\n', first) - first);
  };
  std::printf("%s is another page; UPDATE_GOLDEN=1 rewrites it\n  there: %s\n  now:   %s\n", path.c_str(),
              line_at(wanted).c_str(), line_at(text).c_str());
  return false;
}

int check(const std::string& path) {
  const Page page = quality_page(kSmallPage);
  for (const std::string& sentence : page.broken) std::printf("broken: %s\n", sentence.c_str());
  const bool same = is_set("UPDATE_GOLDEN") ? write(path, page.text) : same_as(path, page.text);
  return same && page.broken.empty() ? 0 : 1;
}

int go_on() {
  const Continuation result = check_continuation();
  for (const std::string& sentence : result.broken) std::printf("broken: %s\n", sentence.c_str());
  std::printf("%.0f rows, %.0f times stored and loaded\n", result.rows, result.saves);
  return result.broken.empty() && result.saves > 0 ? 0 : 1;
}

int write_docs() {
  const Page page = quality_page(kFullPage);
  for (const std::string& sentence : page.broken) std::printf("broken: %s\n", sentence.c_str());
  return write(PROACTIVE_SOURCE_DIR "/docs/models/quality.md", page.text) && page.broken.empty() ? 0 : 1;
}

}  // namespace
}  // namespace proactive::quality

int main(int argc, char** argv) {
  using namespace proactive::quality;
  CLI::App app("Detection quality on labelled series");
  std::string split_name = "tuning", trace, golden;
  int seeds = 16;
  bool clean = false, docs = false, continuation = false;
  app.add_option("--split", split_name, "tuning or reporting")->check(CLI::IsMember({"tuning", "reporting"}));
  app.add_option("--seeds", seeds, "series of each signal and cadence")->check(CLI::Range(1, 1000));
  app.add_option("--trace", trace, "one series as CSV");
  app.add_flag("--clean", clean, "its twin without faults");
  app.add_option("--check", golden, "compare the small page with this file");
  app.add_flag("--check-continuation", continuation, "store, load and go on at every hundredth row");
  app.add_flag("--write-docs", docs, "rewrite docs/models/quality.md");
  CLI11_PARSE(app, argc, argv);
  const Split split = split_name == "tuning" ? Split::tuning : Split::reporting;
  if (docs) return write_docs();
  if (continuation) return go_on();
  if (!golden.empty()) return check(golden);
  if (!trace.empty()) {
    print_trace(split, trace, clean);
  } else {
    print_tables(split, seeds);
  }
  return 0;
}
