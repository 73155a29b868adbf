// The simulated customers: who they are and what is usual for each of them. Drawn once from the seed;
// docs/simulator.md lists the distributions.
//
// A customer depends on (seed, its index) alone, so a larger fleet contains the smaller one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/simulate/rhythm.h"

namespace proactive::daemon {

enum class Plan : std::uint8_t { trial, team, business, enterprise };
enum class Region : std::uint8_t { eu_1, us_1, ap_1 };
inline constexpr std::size_t kPlans = 4, kRegions = 3;

[[nodiscard]] std::string_view to_string(Plan plan);
[[nodiscard]] std::string_view to_string(Region region);

struct Device {
  std::string id;
  double full = 0;        // percent after charging
  double daily_draw = 0;  // points from the morning to the evening
  unsigned phase = 0;     // which of the six slots of a half-hour cycle reports it
};

struct Job {
  std::string id;
  double second_of_hour = 0;  // when its hourly run usually completes
  double usual_backlog = 0;
  unsigned phase = 0;  // which of the twelve slots of an hour reports its backlog
};

struct SimulatedCustomer {
  std::uint32_t index = 0;
  std::string id;
  Plan plan = Plan::trial;
  Region region = Region::eu_1;
  SimulatedZone zone = SimulatedZone::europe_berlin;
  std::string_view segment;

  // Means over a weekday per report: five minutes for requests and payments, a quarter of an hour for the
  // others.
  double requests = 0, actions = 0, logins = 0, payments = 0;  // payments 0: sells nothing
  double error_share = 0, login_failure_share = 0, payment_failure_share = 0;
  double latency_ms = 0;
  double weekend_people = 0, weekend_machines = 0;  // activity relative to weekdays
  double shift_hours = 0;                           // early and late risers

  double storage_quota = 0;                        // bytes
  double storage_percent = 0, storage_growth = 0;  // after the weekly cleanup; points per day
  unsigned storage_cleanup_day = 0;                // days before the start that old files were last removed
  unsigned storage_phase = 0;

  unsigned report_ms = 0, heartbeat_ms = 0;  // when in its five minutes the customer reports
  unsigned release_ring = 0;                 // 0: gets new versions first .. 3: last
  std::vector<Device> devices;
  std::vector<Job> jobs;
};

[[nodiscard]] SimulatedCustomer make_customer(std::uint64_t seed, std::uint32_t index);
[[nodiscard]] std::vector<SimulatedCustomer> make_fleet(std::uint64_t seed, std::uint32_t customers);

// The minor number of the version "4.<minor>.0" that the customer runs `day` days after the start: a new one
// every fortnight, ring after ring on four days.
[[nodiscard]] unsigned minor_version(const SimulatedCustomer& customer, std::int64_t day);

}  // namespace proactive::daemon
