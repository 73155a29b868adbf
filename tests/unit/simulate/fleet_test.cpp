#include "daemon/simulate/fleet.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "daemon/simulate/truth.h"

namespace proactive::daemon {
namespace {

TEST_CASE("a larger fleet contains the smaller one") {
  const std::vector<SimulatedCustomer> small = make_fleet(3, 20), large = make_fleet(3, 200);
  for (std::size_t i = 0; i < small.size(); ++i) {
    CHECK(make_profile(small[i], Timestamp{}).json == make_profile(large[i], Timestamp{}).json);
    CHECK(small[i].requests == large[i].requests);
    CHECK(small[i].devices.size() == large[i].devices.size());
  }
}

TEST_CASE("plans and regions come in the documented shares and decide the volume") {
  std::array<int, kPlans> plans{};
  std::array<int, kRegions> regions{};
  std::array<double, kPlans> requests{};
  const std::vector<SimulatedCustomer> fleet = make_fleet(11, 4000);
  for (const SimulatedCustomer& customer : fleet) {
    plans[static_cast<std::size_t>(customer.plan)] += 1;
    regions[static_cast<std::size_t>(customer.region)] += 1;
    requests[static_cast<std::size_t>(customer.plan)] += customer.requests;
  }

  // Shares of docs/simulator.md; 4000 draws have a standard error of at most 0.8 %.
  const std::array<double, kPlans> plan_shares = {0.15, 0.45, 0.28, 0.12};
  const std::array<double, kRegions> region_shares = {0.45, 0.35, 0.20};
  for (std::size_t i = 0; i < kPlans; ++i)
    CHECK(plans[i] / 4000.0 == doctest::Approx(plan_shares[i]).epsilon(0.15));
  for (std::size_t i = 0; i < kRegions; ++i) {
    CHECK(regions[i] / 4000.0 == doctest::Approx(region_shares[i]).epsilon(0.1));
  }
  for (std::size_t i = 1; i < kPlans; ++i) CHECK(requests[i] / plans[i] > 2 * requests[i - 1] / plans[i - 1]);
}

TEST_CASE("a profile says what rules look up") {
  const SimulatedCustomer customer = make_customer(7, 41);

  CHECK(make_profile(customer, parse_rfc3339("2026-01-05T00:00:00Z").value()).json ==
        R"({"customer_id":"c_00042","plan":"team","region":"us-1","segment":"small_business",)"
        R"("time_zone":"America/Chicago","storage_quota":100000000000,"version":1,)"
        R"("valid_from":"2026-01-05T00:00:00Z"})");
}

TEST_CASE("a new version reaches one ring after the other") {
  SimulatedCustomer customer;
  for (const unsigned ring : {0u, 1u, 2u, 3u}) {
    customer.release_ring = ring;
    CHECK(minor_version(customer, 13 + ring) + 1 == minor_version(customer, 14 + ring));
  }
}

}  // namespace
}  // namespace proactive::daemon
