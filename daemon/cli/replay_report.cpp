#include "daemon/cli/replay_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace proactive::daemon {
namespace {

std::string_view header_of(const OutputRecord& record, std::string_view name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

void ReplayReport::take(const OutputRecord& record) {
  ++counts_[static_cast<std::size_t>(record.channel)];
  if (record.channel == Channel::decisions) take_decision(record);
  if (record.channel == Channel::dead_letters) take_dead_letter(record);
}

void ReplayReport::take_decision(const OutputRecord& record) {
  const auto event = nlohmann::json::parse(record.value);
  const auto& data = event.at("data");
  const auto& decision = data.at("decision");
  PerRule& rule = rules_[data.at("issue").at("rule_id").get<std::string>()];
  if (decision.at("trigger") != "opened") return;
  ++rule.episodes;
  ++rule.by_customer[data.at("customer").at("id").get<std::string>()];
  if (decision.at("action") == "send") ++rule.sent;
  if (decision.at("reason") == "render_failed") ++rule.unwritten;
}

void ReplayReport::take_dead_letter(const OutputRecord& record) {
  PerCode& code = codes_[std::string(header_of(record, "code"))];
  if (++code.count > 1) return;
  code.first = fmt::format("{} record {}: {}", header_of(record, "src_topic"),
                           header_of(record, "src_offset"), header_of(record, "detail"));
}

std::string ReplayReport::text(const rules::RuleSet& rules, const std::vector<std::uint64_t>& seen,
                               const Unused& unused) const {
  std::string out;
  const auto to = std::back_inserter(out);
  for (const auto& [code, one] : codes_) {
    fmt::format_to(to, "{} dead letter{} {}, first {}\n", one.count, one.count == 1 ? "" : "s", code,
                   one.first);
  }
  if (unused.late > 0) {
    fmt::format_to(
        to,
        "{} records came later than kafka.inputs.telemetry.lateness ({}) allows and were not used: sort "
        "them by time, or allow more\n",
        unused.late, format_duration(unused.lateness));
  }
  if (unused.out_of_range > 0) {
    fmt::format_to(to, "{} values were no numbers, or outside of their signal's range, and were not used\n",
                   unused.out_of_range);
  }
  std::size_t width = 4;
  for (const rules::Rule& rule : rules.rules) width = std::max(width, rule.name.size());
  if (!rules.rules.empty()) {
    fmt::format_to(to, "{:<{}}  {:<7} {:>8} {:>9} {:>8}  {}\n", "rule", width, "rollout", "episodes",
                   "customers", "opened", "most of one customer");
  }
  for (const rules::Rule& rule : rules.rules) {
    const auto known = rules_.find(rule.name);
    const PerRule none;
    const PerRule& did = known == rules_.end() ? none : known->second;
    const auto most = std::max_element(did.by_customer.begin(), did.by_customer.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    fmt::format_to(to, "{:<{}}  {:<7} {:>8} {:>9} {:>8}", rule.name, width,
                   rule.rollout == rules::Rollout::live ? "live" : "shadow", did.episodes,
                   did.by_customer.size(), did.sent);
    if (most != did.by_customer.end()) fmt::format_to(to, "  {} ({})", most->second, most->first);
    out += '\n';
  }
  for (const auto& [rule, did] : rules_) {
    if (did.unwritten == 0) continue;
    fmt::format_to(to, "{} of '{}' could not be written: its text needs a value that was missing\n",
                   did.unwritten, rule);
  }
  for (std::size_t type = 0; type < rules.event_types.size(); ++type) {
    if (type < seen.size() && seen[type] > 0) continue;
    std::set<std::string> readers;
    for (const rules::Rule& rule : rules.rules) {
      for (const rules::RuleMeasure& used : rule.measures) {
        const rules::Measure& measure = rules.measures[used.plan];
        if (measure.function == rules::MeasureFunction::together) continue;
        const bool whole = measure.function == rules::MeasureFunction::ratio &&
                           rules.signals[measure.denominator].type == type;
        if (rules.signals[measure.signal].type == type || whole) readers.insert(rule.name);
      }
    }
    std::string names;
    for (const std::string& name : readers) names += (names.empty() ? "" : ", ") + name;
    fmt::format_to(to,
                   "no record of signal '{}', which {} read: does the catalogue's 'type' fit the records?\n",
                   rules.event_types[type], names);
  }
  return out;
}

}  // namespace proactive::daemon
