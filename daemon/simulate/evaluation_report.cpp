// The two printed forms of an Evaluation.
#include <fmt/format.h>

#include "daemon/simulate/evaluation.h"

namespace proactive::daemon {
namespace {

std::string seconds_or_null(std::optional<Duration> lead) {
  return lead ? fmt::format("{}", std::chrono::floor<std::chrono::seconds>(*lead).count()) : "null";
}

std::string hours_or_dash(std::optional<Duration> lead) {
  if (!lead) return "-";
  const auto minutes = std::chrono::floor<std::chrono::minutes>(*lead).count();
  return fmt::format("{}h{:02}m", minutes / 60, minutes % 60);
}

std::string share(std::uint32_t caught, std::uint32_t faults) {
  if (faults == 0) return "-";
  return fmt::format("{}/{} {:3.0f} %", caught, faults, 100.0 * caught / faults);
}

std::string columns(const KindScore& score) {
  return fmt::format("{:>13} {:>13} {:>8}", share(score.caught_size2, score.faults_size2),
                     share(score.caught - score.caught_size2, score.faults - score.faults_size2),
                     hours_or_dash(score.median_lead));
}

std::string table_row(std::string_view name, const KindScore& rules, const KindScore* thresholds) {
  std::string row = fmt::format("{:<18}{}", name, columns(rules));
  if (thresholds != nullptr) row += "  |" + columns(*thresholds);
  return row + "\n";
}

std::string false_line(std::string_view name, const Evaluation& evaluation) {
  std::string line =
      fmt::format("{}: {} outreach, {} false ({:.2f} per 100 customers and week), {} unrelated\n", name,
                  evaluation.outreach, evaluation.false_outreach, evaluation.false_per_100_customers_week,
                  evaluation.unrelated_outreach);
  for (const auto& [rule, count] : evaluation.false_by_rule)
    line += fmt::format("    {:>6} false by {}\n", count, rule);
  return line;
}

}  // namespace

std::string summary_json(const RunFigures& run, const Evaluation& rules, const Evaluation* thresholds) {
  std::string json = fmt::format(
      R"({{"events":{},"events_per_second":{:.0f},"episodes":{},"outreach":{},"faults":{},"caught_before_ticket":{},)"
      R"("false_outreach":{},"false_per_100_customers_week":{:.4f},"median_lead_seconds":{},"faults_size2":{},)"
      R"("caught_size2":{},"unrelated_outreach":{},"false_per_100_customers_week_warm":{:.4f})",
      run.events, run.events_per_second, run.episodes, rules.outreach, rules.all.faults, rules.all.caught,
      rules.false_outreach, rules.false_per_100_customers_week, seconds_or_null(rules.all.median_lead),
      rules.all.faults_size2, rules.all.caught_size2, rules.unrelated_outreach,
      rules.false_per_100_customers_week_warm);
  if (thresholds != nullptr) {
    json += fmt::format(
        R"(,"static_outreach":{},"static_caught_before_ticket":{},"static_caught_size2":{},)"
        R"("static_false_outreach":{},"static_false_per_100_customers_week":{:.4f},"static_median_lead_seconds":{})",
        thresholds->outreach, thresholds->all.caught, thresholds->all.caught_size2,
        thresholds->false_outreach, thresholds->false_per_100_customers_week,
        seconds_or_null(thresholds->all.median_lead));
  }
  return json + "}";
}

std::string summary_table(const Evaluation& rules, const Evaluation* thresholds) {
  constexpr std::string_view kColumns = "    size >= 2      size < 2     lead";
  std::string table;
  if (thresholds != nullptr) {
    table += fmt::format("{:<18}{:^36}  |       static thresholds only\n", "", "shipped rules");
  }
  table += fmt::format("{:<18}{}", "caught in time", kColumns);
  if (thresholds != nullptr) table += fmt::format("  |{}", kColumns);
  table += "\n";
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    table += table_row(facts_of(static_cast<FaultKind>(kind)).name, rules.kinds[kind],
                       thresholds == nullptr ? nullptr : &thresholds->kinds[kind]);
  }
  table += table_row("all", rules.all, thresholds == nullptr ? nullptr : &thresholds->all);
  table += "\n" + false_line("shipped rules", rules);
  if (thresholds != nullptr) table += false_line("static thresholds", *thresholds);
  return table;
}

}  // namespace proactive::daemon
