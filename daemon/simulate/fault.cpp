#include "daemon/simulate/fault.h"

#include <algorithm>

#include "daemon/simulate/noise.h"

namespace proactive::daemon {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr double kForever = 1e9;

constexpr std::array<FaultFacts, kFaultKinds> kFacts = {{
    {"error_spike", {"api.errors", ""}, "customer", minutes(0), 1, 6, minutes(15), "api_errors"},
    {"latency_creep", {"api.latency_ms", ""}, "customer", hours(3), 2, 9, hours(1), "performance"},
    {"usage_drop", {"usage.actions", ""}, "customer", minutes(0), 1, 9, minutes(45), "adoption"},
    {"stuck_job", {"job.completed", "job.backlog"}, "job", minutes(0), 1, 9, minutes(150), "jobs"},
    {"battery_drain", {"device.battery", ""}, "device", hours(6), kForever, 14, hours(2), "devices"},
    {"quota_filling",
     {"storage.used_percent", "storage.used"},
     "customer",
     hours(4),
     kForever,
     14,
     hours(2),
     "storage"},
    {"silent_heartbeat", {"sync.heartbeat", ""}, "customer", minutes(0), 1, 6, minutes(30), "sync"},
    {"bad_release",
     {"api.errors", "api.latency_ms"},
     "customer",
     minutes(0),
     1,
     6,
     minutes(15),
     "api_errors"},
    {"payment_failures", {"payments.failed", ""}, "customer", minutes(0), 1, 6, minutes(30), "payments"},
}};

}  // namespace

const FaultFacts& facts_of(FaultKind kind) { return kFacts[static_cast<std::size_t>(kind)]; }

double Fault::effect(Timestamp at) const {
  if (!active(at)) return 0;
  const FaultFacts& facts = facts_of(kind);
  if (facts.ramp == Duration::zero()) return size;
  const double grown = static_cast<double>((at - began).count()) / static_cast<double>(facts.ramp.count());
  return size * std::min(grown, facts.limit);
}

double latency_noise(const SimulatedCustomer& customer) { return customer.latency_ms * kLatencyScatter; }

double noise_of(FaultKind kind, const SimulatedCustomer& customer) {
  switch (kind) {
    case FaultKind::error_spike:
    case FaultKind::bad_release:
      return share_noise(customer.error_share, kErrorScatter, customer.requests);
    case FaultKind::latency_creep:
      return latency_noise(customer);
    case FaultKind::usage_drop:
      return log_count_noise(customer.actions, kUsageScatter);
    case FaultKind::stuck_job:
      return kJobGapSpread;
    case FaultKind::battery_drain:
      return kBatteryScatter;
    case FaultKind::quota_filling:
      return kStorageScatter;
    case FaultKind::silent_heartbeat:
      return kHeartbeatGapSpread;
    case FaultKind::payment_failures:
      return share_noise(customer.payment_failure_share, kPaymentFailureScatter, customer.payments);
  }
  return 0;
}

}  // namespace proactive::daemon
