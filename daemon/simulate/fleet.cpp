#include "daemon/simulate/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/simulate/rng.h"

namespace proactive::daemon {
namespace {

constexpr std::uint64_t kFleetStream = 0x666c656574;

struct PlanFacts {
  std::string_view name, segment;
  double share;                        // of the customers
  double requests, actions, payments;  // medians per report
  double quota_gb;
  unsigned devices, jobs;  // at most
};
constexpr std::array<PlanFacts, kPlans> kPlanFacts = {{
    {"trial", "self_serve", 0.15, 80, 15, 0, 10, 1, 1},
    {"team", "small_business", 0.45, 220, 40, 15, 100, 2, 2},
    {"business", "mid_market", 0.28, 700, 120, 45, 500, 3, 3},
    {"enterprise", "enterprise", 0.12, 2500, 400, 150, 5000, 4, 3},
}};

constexpr std::array<std::string_view, kRegions> kRegionNames = {"eu-1", "us-1", "ap-1"};
constexpr std::array<std::array<SimulatedZone, 3>, kRegions> kRegionZones = {{
    {SimulatedZone::europe_berlin, SimulatedZone::europe_london, SimulatedZone::europe_madrid},
    {SimulatedZone::america_new_york, SimulatedZone::america_chicago, SimulatedZone::america_los_angeles},
    {SimulatedZone::asia_singapore, SimulatedZone::asia_tokyo, SimulatedZone::asia_kolkata},
}};
constexpr std::array<std::string_view, 3> kJobNames = {"export-orders", "sync-contacts", "index-build"};

Plan draw_plan(Rng& rng) {
  double rest = rng.uniform();
  for (std::size_t plan = 0; plan + 1 < kPlans; ++plan) {
    if (rest < kPlanFacts[plan].share) return static_cast<Plan>(plan);
    rest -= kPlanFacts[plan].share;
  }
  return Plan::enterprise;
}

Region draw_region(Rng& rng) {
  const double u = rng.uniform();
  return u < 0.45 ? Region::eu_1 : u < 0.8 ? Region::us_1 : Region::ap_1;
}

void draw_devices(Rng& rng, const PlanFacts& plan, SimulatedCustomer& customer) {
  const auto count = static_cast<unsigned>(rng.below(plan.devices + 1));
  for (unsigned number = 0; number < count; ++number) {
    Device device;
    device.id = fmt::format("d-{}-{}", customer.index, number + 1);
    device.full = rng.uniform(88, 100);
    // One in fifteen is worn out and runs low every evening without anybody minding.
    const bool worn = rng.chance(1.0 / 15);
    device.daily_draw = worn ? device.full - rng.uniform(8, 16) : rng.uniform(15, 45);
    device.phase = static_cast<unsigned>(rng.below(6));
    customer.devices.push_back(device);
  }
}

void draw_jobs(Rng& rng, const PlanFacts& plan, SimulatedCustomer& customer) {
  const auto count = static_cast<unsigned>(1 + rng.below(plan.jobs));
  for (unsigned number = 0; number < count; ++number) {
    Job job;
    job.id = kJobNames[number];
    job.second_of_hour = rng.uniform(120, 2400);
    job.usual_backlog = rng.log_normal(40, 0.8);
    job.phase = static_cast<unsigned>(rng.below(12));
    customer.jobs.push_back(job);
  }
}

void draw_storage(Rng& rng, const PlanFacts& plan, SimulatedCustomer& customer) {
  customer.storage_quota = plan.quota_gb * 1e9;
  // One in twelve lives close to its quota on purpose.
  const bool full = rng.chance(1.0 / 12);
  customer.storage_percent = full ? rng.uniform(84, 91) : rng.uniform(15, 70);
  customer.storage_growth = rng.uniform(0.02, 0.2);
  customer.storage_cleanup_day = static_cast<unsigned>(rng.below(7));
  customer.storage_phase = static_cast<unsigned>(rng.below(12));
}

}  // namespace

std::string_view to_string(Plan plan) { return kPlanFacts[static_cast<std::size_t>(plan)].name; }
std::string_view to_string(Region region) { return kRegionNames[static_cast<std::size_t>(region)]; }

SimulatedCustomer make_customer(std::uint64_t seed, std::uint32_t index) {
  Rng rng(seed, kFleetStream, index);
  SimulatedCustomer customer;
  customer.index = index;
  customer.id = fmt::format("c_{:05}", index + 1);
  customer.plan = draw_plan(rng);
  customer.region = draw_region(rng);
  customer.zone = kRegionZones[static_cast<std::size_t>(customer.region)][rng.below(3)];
  const PlanFacts& plan = kPlanFacts[static_cast<std::size_t>(customer.plan)];
  customer.segment = plan.segment;

  customer.requests = rng.log_normal(plan.requests, 0.4);
  customer.actions = rng.log_normal(plan.actions, 0.4);
  customer.logins = std::max(4.0, 0.3 * customer.actions);
  const bool sells = rng.chance(0.7);
  customer.payments = sells ? plan.payments * rng.log_normal(1, 0.4) : 0;
  customer.error_share = std::min(0.05, rng.log_normal(0.008, 0.6));
  customer.login_failure_share = std::min(0.2, rng.log_normal(0.05, 0.4));
  customer.payment_failure_share = std::min(0.15, rng.log_normal(0.03, 0.5));
  customer.latency_ms = rng.log_normal(150, 0.55);
  customer.weekend_people = rng.uniform(0.25, 0.6);
  customer.weekend_machines = rng.uniform(0.6, 0.9);
  customer.shift_hours = rng.uniform(-1, 1);

  customer.report_ms = static_cast<unsigned>(rng.uniform(15'000, 285'000));
  customer.heartbeat_ms = static_cast<unsigned>(rng.uniform(15'000, 285'000));
  customer.release_ring = static_cast<unsigned>(rng.below(4));
  draw_storage(rng, plan, customer);
  draw_devices(rng, plan, customer);
  draw_jobs(rng, plan, customer);
  return customer;
}

std::vector<SimulatedCustomer> make_fleet(std::uint64_t seed, std::uint32_t customers) {
  std::vector<SimulatedCustomer> fleet;
  fleet.reserve(customers);
  for (std::uint32_t index = 0; index < customers; ++index) fleet.push_back(make_customer(seed, index));
  return fleet;
}

unsigned minor_version(const SimulatedCustomer& customer, std::int64_t day) {
  constexpr std::int64_t kFirstMinor = 12, kFortnight = 14;
  return static_cast<unsigned>(kFirstMinor + (day + kFortnight - customer.release_ring) / kFortnight - 1);
}

}  // namespace proactive::daemon
