#include "daemon/simulate/evaluation.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace proactive::daemon {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = parse_rfc3339("2026-01-05T00:00:00Z").value();

// Begins at noon of the eighth day, ticket six hours later, repaired after ten.
TruthRow fault(FaultKind kind, double size, const char* customer = "c_1", const char* entity = "customer") {
  TruthRow row;
  row.fault_id = "f-1";
  row.kind = kind;
  row.customer_id = customer;
  row.entity = entity;
  row.size = size;
  row.began = kStart + days(7) + hours(12);
  row.ticket_at = row.began + hours(6);
  row.ended = row.began + hours(10);
  return row;
}

OutreachRow outreach(const char* rule, Duration after_began, const char* customer = "c_1",
                     const char* entity = "customer") {
  return {customer, rule, entity, kStart + days(7) + hours(12) + after_began, std::nullopt};
}

const std::vector<RuleSignals> kRules = {{"errors", {"api.errors", "api.requests"}},
                                         {"jobs", {"job.completed"}},
                                         {"batteries", {"device.battery"}}};

Evaluation evaluated(const std::vector<TruthRow>& truth, const std::vector<OutreachRow>& rows) {
  EvaluationScope scope;
  scope.customers = 50;
  scope.days = 14;
  scope.warm_up = days(7);
  scope.begin = kStart;
  return evaluate_outreach(truth, rows, kRules, scope);
}

TEST_CASE("an outreach catches a fault only in time, about the right customer, signal and entity") {
  const TruthRow errors = fault(FaultKind::error_spike, 3);
  const TruthRow job = fault(FaultKind::stuck_job, 3, "c_1", "job/export");
  struct Row {
    const char* what;
    TruthRow truth;
    OutreachRow said;
    unsigned caught, false_outreach, unrelated;
  };
  const Row rows[] = {
      {"in the fault, before the ticket", errors, outreach("errors", hours(1)), 1, 0, 0},
      {"at the very beginning", errors, outreach("errors", hours(0)), 1, 0, 0},
      {"a minute before the fault", errors, outreach("errors", -minutes(1)), 0, 1, 0},
      {"with the ticket", errors, outreach("errors", hours(6)), 0, 0, 0},
      {"after the ticket, late but not false", errors, outreach("errors", hours(8)), 0, 0, 0},
      {"in the aftermath", errors, outreach("errors", hours(16)), 0, 0, 0},
      {"beyond the aftermath", errors, outreach("errors", hours(16) + minutes(1)), 0, 1, 0},
      {"to another customer", errors, outreach("errors", hours(1), "c_2"), 0, 1, 0},
      {"by a rule that reads other signals", errors, outreach("jobs", hours(1)), 0, 0, 1},
      {"by a rule nobody declared", errors, outreach("unknown", hours(1)), 0, 0, 1},
      {"about the stuck job", job, outreach("jobs", hours(1), "c_1", "job/export"), 1, 0, 0},
      {"about another job", job, outreach("jobs", hours(1), "c_1", "job/import"), 0, 0, 1},
      {"about all jobs of the customer", job, outreach("jobs", hours(1)), 1, 0, 0},
      {"a release is seen in the errors", fault(FaultKind::bad_release, 3), outreach("errors", hours(1)), 1,
       0, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Evaluation result = evaluated({row.truth}, {row.said});
    CHECK(result.all.caught == row.caught);
    CHECK(result.false_outreach == row.false_outreach);
    CHECK(result.unrelated_outreach == row.unrelated);
    CHECK(result.outreach == 1);
  }
}

TEST_CASE("a fault is caught once, by the earliest outreach") {
  const Evaluation result = evaluated({fault(FaultKind::error_spike, 3)},
                                      {outreach("errors", hours(5)), outreach("errors", hours(2))});
  CHECK(result.all.caught == 1);
  CHECK(result.all.median_lead == hours(4));
}

TEST_CASE("subtle faults are counted apart from those of size two and more") {
  const Evaluation result =
      evaluated({fault(FaultKind::error_spike, 1.99), fault(FaultKind::error_spike, 2, "c_2"),
                 fault(FaultKind::usage_drop, 5, "c_3")},
                {outreach("errors", hours(1)), outreach("errors", hours(3), "c_2")});

  CHECK(result.all.faults == 3);
  CHECK(result.all.caught == 2);
  CHECK(result.all.faults_size2 == 2);
  CHECK(result.all.caught_size2 == 1);
  const KindScore& errors = result.kinds[static_cast<std::size_t>(FaultKind::error_spike)];
  CHECK(errors.faults == 2);
  CHECK(errors.caught_size2 == 1);
  CHECK(errors.median_lead == hours(4));  // between leads of five and three hours
  CHECK(!result.kinds[static_cast<std::size_t>(FaultKind::usage_drop)].median_lead);
}

TEST_CASE(
    "false outreach is a rate per 100 customers and week, of the whole run and of the time after the "
    "warm-up") {
  const Evaluation result = evaluated(
      {}, {outreach("jobs", -days(5)), outreach("errors", hours(1)), outreach("jobs", hours(2), "c_9")});

  CHECK(result.false_outreach == 3);
  CHECK(result.false_per_100_customers_week == doctest::Approx(3));       // 3 in 50 customers, two weeks
  CHECK(result.false_per_100_customers_week_warm == doctest::Approx(4));  // 2 in one week
  REQUIRE(result.false_by_rule.size() == 2);
  CHECK(result.false_by_rule[0] == std::pair<std::string, std::uint32_t>("jobs", 2));
}

TEST_CASE("the summary is one JSON object with the agreed keys first") {
  const Evaluation rules = evaluated({fault(FaultKind::error_spike, 3)}, {outreach("errors", hours(2))});
  const Evaluation thresholds = evaluated({fault(FaultKind::error_spike, 3)}, {});
  RunFigures run;
  run.events = 1000000;
  run.episodes = 7;
  run.events_per_second = 654321.4;

  const std::string text = summary_json(run, rules, &thresholds);
  CHECK(text.rfind(R"({"events":1000000,"events_per_second":654321,"episodes":7,"outreach":1,"faults":1,)"
                   R"("caught_before_ticket":1,"false_outreach":0,"false_per_100_customers_week":0.0000,)"
                   R"("median_lead_seconds":14400,"faults_size2":1,"caught_size2":1,)",
                   0) == 0);
  const nlohmann::json json = nlohmann::json::parse(text);
  CHECK(json.at("static_caught_before_ticket") == 0);
  CHECK(json.at("static_median_lead_seconds").is_null());
  CHECK(!nlohmann::json::parse(summary_json(run, rules)).contains("static_outreach"));
}

TEST_CASE("the table has a row per kind and a second column for static thresholds") {
  const std::vector<TruthRow> truth = {fault(FaultKind::error_spike, 3),
                                       fault(FaultKind::stuck_job, 1, "c_2", "job/a")};
  const Evaluation rules =
      evaluated(truth, {outreach("errors", hours(2)), outreach("jobs", hours(1), "c_7")});
  const Evaluation thresholds = evaluated(truth, {});

  CHECK(summary_table(rules, &thresholds) ==
        R"(                             shipped rules              |       static thresholds only
caught in time        size >= 2      size < 2     lead  |    size >= 2      size < 2     lead
error_spike           1/1 100 %             -    4h00m  |    0/1   0 %             -        -
latency_creep                 -             -        -  |            -             -        -
usage_drop                    -             -        -  |            -             -        -
stuck_job                     -     0/1   0 %        -  |            -     0/1   0 %        -
battery_drain                 -             -        -  |            -             -        -
quota_filling                 -             -        -  |            -             -        -
silent_heartbeat              -             -        -  |            -             -        -
bad_release                   -             -        -  |            -             -        -
payment_failures              -             -        -  |            -             -        -
all                   1/1 100 %     0/1   0 %    4h00m  |    0/1   0 %     0/1   0 %        -

shipped rules: 2 outreach, 1 false (1.00 per 100 customers and week), 0 unrelated
         1 false by jobs
static thresholds: 0 outreach, 0 false (0.00 per 100 customers and week), 0 unrelated
)");
}

}  // namespace
}  // namespace proactive::daemon
