// Scores outreach against the truth of a simulation: what was caught before its ticket, and what was said for
// nothing. It sees rows of both only, never the detectors, so it judges any rule set, or any other program,
// alike.
//
//   caught   an outreach of this customer, by a rule that reads a signal the fault touches, for the same job
//   or
//            device where the fault and the rule have one, opened in [began, ticket_at)
//   false    an outreach opened in no fault of its customer's [began, ended + grace]
//   unrelated  one opened in such a span by a rule that reads none of the fault's signals: neither of both
//   lead     ticket_at - opened_at of the first outreach that caught the fault
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/simulate/truth.h"
#include "models/base/time.h"

namespace proactive::daemon {

// An outreach as its reader knows it.
struct OutreachRow {
  std::string customer_id, rule_id;
  std::string entity;   // "customer", or type and id as in TruthRow
  Timestamp opened_at;  // event time at which it was detected
  std::optional<Timestamp> resolved_at;
};

// Which signals (telemetry names, "api.errors") a rule reads. A rule that is not listed matches no fault.
struct RuleSignals {
  std::string rule_id;
  std::vector<std::string> signals;
};

struct EvaluationScope {
  std::uint32_t customers = 0;
  double days = 0;                         // of the whole simulation, warm-up included
  Duration warm_up{};                      // part of `days`: no fault began before
  Timestamp begin;                         // of the simulation
  Duration grace = std::chrono::hours(6);  // after a fault ended, outreach about it is not false
};

struct KindScore {
  std::uint32_t faults = 0, caught = 0;              // of any size
  std::uint32_t faults_size2 = 0, caught_size2 = 0;  // of size 2 and more
  std::optional<Duration> median_lead;
};

struct Evaluation {
  std::array<KindScore, kFaultKinds> kinds;
  KindScore all;
  std::uint32_t outreach = 0, false_outreach = 0, unrelated_outreach = 0;
  double false_per_100_customers_week = 0;       // over the whole simulation
  double false_per_100_customers_week_warm = 0;  // what came after the warm-up, over the time after it
  std::vector<std::pair<std::string, std::uint32_t>> false_by_rule;  // most first
};

[[nodiscard]] Evaluation evaluate_outreach(std::span<const TruthRow> truth,
                                           std::span<const OutreachRow> outreach,
                                           std::span<const RuleSignals> rules, const EvaluationScope& scope);

// What the caller counted while the simulation ran.
struct RunFigures {
  std::uint64_t events = 0, episodes = 0;
  double events_per_second = 0;
};

// One JSON object, one line. `thresholds`: the same fleet under static thresholds only, appended as
// "static_...". median_lead_seconds is null when nothing was caught.
[[nodiscard]] std::string summary_json(const RunFigures& run, const Evaluation& rules,
                                       const Evaluation* thresholds = nullptr);
// For a terminal: a row per fault kind, totals, and what was false. At most 100 columns.
[[nodiscard]] std::string summary_table(const Evaluation& rules, const Evaluation* thresholds = nullptr);

}  // namespace proactive::daemon
