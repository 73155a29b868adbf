#include "daemon/simulate/fault.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace proactive::daemon {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct Plan4Weeks {
  std::vector<SimulatedCustomer> fleet;
  FaultSchedule schedule;
  FaultPlan plan;
};

// Four weeks, the first of them warming up.
Plan4Weeks planned(std::uint64_t seed, std::uint32_t customers) {
  Plan4Weeks made;
  made.fleet = make_fleet(seed, customers);
  made.schedule.from = parse_rfc3339("2026-01-12T00:00:00Z").value();
  made.schedule.until = parse_rfc3339("2026-02-02T00:00:00Z").value();
  made.plan = plan_faults(seed, made.fleet, made.schedule);
  return made;
}

TEST_CASE("about one customer in five has a fault in a week, of every kind alike") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    const Plan4Weeks made = planned(seed, 300);
    const double per_customer_week = static_cast<double>(made.plan.faults.size()) / (300 * 3);
    CHECK(per_customer_week > 1.0 / 6);
    CHECK(per_customer_week < 1.0 / 4);

    std::map<FaultKind, std::size_t> kinds;
    for (const Fault& fault : made.plan.faults) kinds[fault.kind] += 1;
    CHECK(kinds.size() == kFaultKinds);
    for (const auto& [kind, count] : kinds) CHECK(count >= made.plan.faults.size() / kFaultKinds / 2);
  }
}

TEST_CASE("a third of the faults is subtle, the others reach from two to ten times the noise") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    const FaultPlan plan = planned(seed, 300).plan;
    const auto total = static_cast<double>(plan.faults.size());
    double subtle = 0, large = 0;
    for (const Fault& fault : plan.faults) {
      CHECK(fault.size >= 0.5);
      CHECK(fault.size <= 10);
      subtle += fault.size < 2;
      large += fault.size >= 6;
    }
    CHECK(subtle / total == doctest::Approx(1.0 / 3).epsilon(0.05));
    CHECK(large / total == doctest::Approx(1.0 / 3).epsilon(0.35));
  }
}

TEST_CASE("no fault begins in the warm-up or outlasts the run, and customers rest two days between") {
  const Plan4Weeks made = planned(5, 200);
  std::map<std::uint32_t, Timestamp> rested;
  for (const Fault& fault : made.plan.faults) {
    CHECK(fault.began >= made.schedule.from);
    CHECK(fault.ended <= made.schedule.until);
    if (rested.count(fault.customer) != 0) CHECK(fault.began >= rested[fault.customer] + hours(48));
    rested[fault.customer] = fault.ended;
  }
}

TEST_CASE(
    "tickets come hours after the beginning, larger faults' sooner, at most 5 % too early for anybody") {
  std::vector<Duration> delays, small, large;
  std::size_t early = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    const FaultPlan plan = planned(seed, 300).plan;
    std::size_t early_here = 0;
    for (const Fault& fault : plan.faults) {
      const Duration delay = fault.ticket_at - fault.began;
      CHECK(delay > Duration::zero());
      CHECK(fault.ticket_at <= fault.ended);
      delays.push_back(delay);
      early_here += delay < facts_of(fault.kind).knowable;
      if (facts_of(fault.kind).ramp == Duration::zero()) (fault.size < 3 ? small : large).push_back(delay);
    }
    CHECK(static_cast<double>(early_here) <= 0.05 * static_cast<double>(plan.faults.size()));
    early += early_here;
  }
  const auto median = [](std::vector<Duration>& values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
  };

  CHECK(early > 0);
  CHECK(median(delays) > hours(5));
  CHECK(median(delays) < hours(12));
  CHECK(median(large) < median(small));
}

TEST_CASE("a bad release hits several customers of one region at once, and a healthy twin runs elsewhere") {
  const Plan4Weeks made = planned(9, 300);
  std::map<Timestamp, std::vector<const Fault*>> by_fix;
  for (const Fault& fault : made.plan.faults) {
    if (fault.kind == FaultKind::bad_release) by_fix[fault.ended].push_back(&fault);
  }

  CHECK(by_fix.size() == made.plan.releases.size());
  for (const auto& [fixed, faults] : by_fix) {
    CHECK(faults.size() >= 3);
    std::set<Region> regions;
    std::set<std::uint32_t> customers;
    for (const Fault* fault : faults) {
      regions.insert(made.fleet[fault->customer].region);
      customers.insert(fault->customer);
      CHECK(fault->began - faults.front()->began <= minutes(20));
    }
    CHECK(regions.size() == 1);
    CHECK(customers.size() == faults.size());
  }
}

TEST_CASE("a fault touches only what its customer has") {
  const Plan4Weeks made = planned(13, 300);
  for (const Fault& fault : made.plan.faults) {
    const SimulatedCustomer& customer = made.fleet[fault.customer];
    if (fault.kind == FaultKind::payment_failures) CHECK(customer.payments > 0);
    if (fault.kind == FaultKind::stuck_job) CHECK(fault.entity < static_cast<int>(customer.jobs.size()));
    if (fault.kind == FaultKind::battery_drain)
      CHECK(fault.entity < static_cast<int>(customer.devices.size()));
    CHECK((fault.entity >= 0) == (facts_of(fault.kind).entity_type != "customer"));
  }
}

TEST_CASE("an effect comes at once or grows along its ramp, and ends with the fault") {
  Fault fault;
  fault.size = 4;
  fault.began = parse_rfc3339("2026-01-12T00:00:00Z").value();
  fault.ended = fault.began + hours(20);
  struct Row {
    FaultKind kind;
    Duration after;
    double effect;
  };
  const Row rows[] = {
      {FaultKind::error_spike, -minutes(1), 0},    // not yet
      {FaultKind::error_spike, minutes(0), 4},     // at once
      {FaultKind::error_spike, hours(20), 0},      // repaired
      {FaultKind::latency_creep, minutes(90), 2},  // half way up its three hours
      {FaultKind::latency_creep, hours(3), 4},
      {FaultKind::latency_creep, hours(19), 8},  // stops at twice its size
      {FaultKind::battery_drain, hours(6), 4},
      {FaultKind::battery_drain, hours(12), 8},  // drains on
      {FaultKind::quota_filling, hours(16), 16},
  };
  for (const Row& row : rows) {
    CAPTURE(facts_of(row.kind).name);
    CAPTURE(row.after.count());
    fault.kind = row.kind;
    CHECK(fault.effect(fault.began + row.after) == doctest::Approx(row.effect));
  }
}

TEST_CASE("a fleet too small or a time too short for faults has none") {
  CHECK(plan_faults(1, {}, {Timestamp{}, Timestamp{} + hours(24 * 30)}).faults.empty());
  const std::vector<SimulatedCustomer> fleet = make_fleet(1, 50);
  CHECK(plan_faults(1, fleet, {Timestamp{}, Timestamp{}}).faults.empty());
  CHECK(plan_faults(1, fleet, {Timestamp{} + hours(1), Timestamp{}}).faults.empty());
}

}  // namespace
}  // namespace proactive::daemon
