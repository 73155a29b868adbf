// What one simulated customer reports in one slot of five minutes: usual rhythm, noise, harmless trouble,
// faults.
//
// Owner: one Simulator. Thread: the caller's. Clock: none. Bound: a few hundred bytes per customer, constant
// in days. Every draw is keyed by (customer, signal, slot); the only memory between slots is when something
// last happened.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daemon/simulate/fault.h"
#include "daemon/simulate/fleet.h"
#include "daemon/simulate/rhythm.h"
#include "daemon/simulate/rng.h"
#include "daemon/simulate/signal.h"

namespace proactive::daemon {

inline constexpr std::int64_t kSlotMs = 300'000;
inline constexpr std::uint32_t kSlotsPerDay = 288;

// One slot as all customers share it.
struct Slot {
  std::uint32_t number = 0;   // since the start
  std::int64_t begin_ms = 0;  // since 1970
  double days = 0;            // since the start
  std::array<LocalClock, kZones> clocks;
  std::array<bool, kRegions> new_version{};  // a release that is bad elsewhere runs here and does no harm
};

// `start`: of the simulation. Without releases.
[[nodiscard]] Slot make_slot(Timestamp start, std::uint32_t number);

class CustomerTelemetry {
 public:
  // `customer` and `faults` must outlive this; `faults` are this customer's, by `began`.
  CustomerTelemetry(std::uint64_t seed, const SimulatedCustomer& customer, std::vector<const Fault*> faults,
                    double unused_share);

  // Appends the slot's readings, not in order of time. REQUIRES: slots come in order, none left out.
  void report(const Slot& slot, std::vector<SimulatedReading>& into);

 private:
  // Slow noise of a signal: random knots three hours apart, blended to unit variance.
  struct Slow {
    std::uint32_t knot = ~0u;
    float left = 0, right = 0;
  };
  enum class Blip : std::uint8_t { errors, latency, payments, usage };
  // A customer's day and the harmless trouble in it; slots count from local midnight.
  struct Day {
    std::int64_t number = -1;
    double busy = 1;
    unsigned gap_begin = 0, gap_end = 0;          // the metric collector is away
    unsigned blip_begin = 0, blip_end = 0;        // a short disturbance that nobody reports
    unsigned silence_begin = 0, silence_end = 0;  // heartbeats pause
    Blip blip_target = Blip::errors;
    double blip_height = 0;  // multiples of the noise
  };

  // What the signal functions share within one slot.
  struct Moment {
    const Slot* slot = nullptr;
    std::vector<SimulatedReading>* into = nullptr;
    std::int64_t flush_ms = 0;  // event time of the collector's report
    std::int64_t heartbeat_ms = 0;
    Timestamp at;                     // flush_ms
    double people = 1, machines = 1;  // activity
    double hour = 0;
    unsigned local_slot = 0;
    bool api_lost = false, payments_lost = false, people_lost = false;  // reports that never arrive
  };

  void report_api(const Moment& now);
  void report_usage(const Moment& now);
  void report_payments(const Moment& now);
  void report_logins(const Moment& now);
  void report_storage(const Moment& now);
  void report_devices(const Moment& now);
  void report_jobs(const Moment& now);
  void report_heartbeat(const Moment& now);
  void report_unused(const Moment& now, std::size_t used);

  [[nodiscard]] Moment begin_slot(const Slot& slot, std::vector<SimulatedReading>& into);
  void begin_day(std::int64_t number);
  std::int64_t healthy_run_ms(const Moment& now, unsigned job) const;  // 0: none in this hour
  Rng stream(SimulatedSignal signal, std::uint32_t slot, unsigned item = 0) const;
  // A standard normal, a tenth of its variance slow.
  double scatter(Rng& rng, SimulatedSignal signal, std::uint32_t slot, unsigned item = 0);
  // exp(sigma z) with mean 1.
  double wobble(Rng& rng, SimulatedSignal signal, std::uint32_t slot, double sigma);
  double effect(FaultKind kind, Timestamp at, int entity = -1) const;
  double blip(const Moment& now, Blip target) const;
  void emit(const Moment& now, SimulatedSignal signal, std::int64_t time_ms, double value,
            unsigned item = 0) const;

  std::uint64_t seed_;
  const SimulatedCustomer* customer_;
  std::vector<const Fault*> faults_;
  double unused_share_;

  std::array<Slow, kSimulatedSignals + 3> slow_;  // three more for further devices
  Day day_;
  std::size_t next_fault_ = 0;  // the first that has not ended
  std::int64_t last_heartbeat_slot_ = -1;
  std::vector<std::int64_t> last_run_ms_;  // by job; 0: none yet
  unsigned minor_ = 0, patch_ = 0;
  double error_noise_, latency_noise_, payment_noise_, usage_noise_;
};

}  // namespace proactive::daemon
