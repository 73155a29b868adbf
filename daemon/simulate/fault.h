// The seeded faults and their truth: which customer, what, how large, from when to when, and when its ticket
// comes. docs/simulator.md lists the distributions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/simulate/fleet.h"
#include "models/base/time.h"

namespace proactive::daemon {

enum class FaultKind : std::uint8_t {
  error_spike,
  latency_creep,
  usage_drop,
  stuck_job,
  battery_drain,
  quota_filling,
  silent_heartbeat,
  bad_release,
  payment_failures
};
inline constexpr std::size_t kFaultKinds = 9;

struct FaultFacts {
  std::string_view name;
  std::array<std::string_view, 2> signals;  // what it touches; the second may be empty
  std::string_view entity_type;             // customer | job | device
  Duration ramp{};                          // after this the effect has its size; zero: at once
  double limit = 1;                         // a ramp grows on at its pace to this many times its size
  double ticket_hours = 0;                  // median delay of the ticket at size 3
  Duration knowable{};                      // before this not even a perfect detector has seen enough
  std::string_view ticket_category;
};
[[nodiscard]] const FaultFacts& facts_of(FaultKind kind);

struct Fault {
  std::string id;  // "f-0001", in order of `began`
  FaultKind kind = FaultKind::error_spike;
  std::uint32_t customer = 0;
  int entity = -1;  // index of the customer's job or device; -1: the customer itself
  double size = 0;
  Timestamp began, ended, ticket_at;

  [[nodiscard]] bool active(Timestamp at) const { return began <= at && at < ended; }
  // The effect at `at` as a multiple of the noise: `size` when fully grown, 0 outside.
  [[nodiscard]] double effect(Timestamp at) const;
};

// One multiple of noise in the unit of the touched signal: a share, ms, a logarithm, points, or minutes of
// silence. bad_release: of the error share; its latency rises by half as many multiples of the latency's
// noise.
[[nodiscard]] double noise_of(FaultKind kind, const SimulatedCustomer& customer);
[[nodiscard]] double latency_noise(const SimulatedCustomer& customer);

// A version that customers of early rings run in other regions meanwhile, where it does no harm.
struct Release {
  Region bad_in = Region::eu_1;
  Timestamp began, ended;
};

struct FaultSchedule {
  Timestamp from, until;  // no fault begins before or lasts beyond
  double per_customer_week = 0.2;
};

struct FaultPlan {
  std::vector<Fault> faults;  // by `began`, then customer
  std::vector<Release> releases;
};

[[nodiscard]] FaultPlan plan_faults(std::uint64_t seed, std::span<const SimulatedCustomer> fleet,
                                    const FaultSchedule& schedule);

}  // namespace proactive::daemon
