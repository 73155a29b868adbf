#include "daemon/simulate/customer_telemetry.h"

#include <cmath>

#include "daemon/simulate/noise.h"
#include "models/base/math.h"

namespace proactive::daemon {
namespace {

using std::chrono::milliseconds;

// Keys of the streams that belong to no signal; signals use their numbers.
constexpr std::uint64_t kDayStream = 201, kSlotStream = 202;
constexpr std::uint32_t kKnotSlots = 36;  // slow noise: three hours between knots
constexpr double kReportLost = 0.004;     // single reports that never arrive

Timestamp from_ms(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

}  // namespace

Slot make_slot(Timestamp start, std::uint32_t number) {
  Slot slot;
  slot.number = number;
  slot.begin_ms = std::chrono::floor<milliseconds>(start).time_since_epoch().count() + number * kSlotMs;
  slot.days = static_cast<double>(number) / kSlotsPerDay;
  for (std::size_t zone = 0; zone < kZones; ++zone) {
    slot.clocks[zone] = local_clock(static_cast<SimulatedZone>(zone), from_ms(slot.begin_ms));
  }
  return slot;
}

CustomerTelemetry::CustomerTelemetry(std::uint64_t seed, const SimulatedCustomer& customer,
                                     std::vector<const Fault*> faults, double unused_share)
    : seed_(seed),
      customer_(&customer),
      faults_(std::move(faults)),
      unused_share_(unused_share),
      last_run_ms_(customer.jobs.size()),
      error_noise_(noise_of(FaultKind::error_spike, customer)),
      latency_noise_(latency_noise(customer)),
      payment_noise_(customer.payments > 0 ? noise_of(FaultKind::payment_failures, customer) : 0),
      usage_noise_(noise_of(FaultKind::usage_drop, customer)) {}

void CustomerTelemetry::report(const Slot& slot, std::vector<SimulatedReading>& into) {
  const std::size_t before = into.size();
  const Moment now = begin_slot(slot, into);
  report_api(now);
  report_usage(now);
  report_payments(now);
  report_logins(now);
  report_storage(now);
  report_devices(now);
  report_jobs(now);
  report_heartbeat(now);
  report_unused(now, into.size() - before);
}

CustomerTelemetry::Moment CustomerTelemetry::begin_slot(const Slot& slot,
                                                        std::vector<SimulatedReading>& into) {
  const LocalClock& clock = slot.clocks[static_cast<std::size_t>(customer_->zone)];
  if (clock.day != day_.number) begin_day(clock.day);
  while (next_fault_ < faults_.size() && faults_[next_fault_]->ended <= from_ms(slot.begin_ms)) ++next_fault_;

  Rng rng(seed_, customer_->index, kSlotStream, slot.number);
  Moment now;
  now.slot = &slot;
  now.into = &into;
  now.flush_ms =
      slot.begin_ms + customer_->report_ms + static_cast<std::int64_t>(rng.uniform(-10'000, 10'000));
  now.heartbeat_ms =
      slot.begin_ms + customer_->heartbeat_ms + static_cast<std::int64_t>(rng.uniform(-8'000, 8'000));
  now.at = from_ms(now.flush_ms);
  now.local_slot = static_cast<unsigned>(clock.hour * 12);
  now.hour = clock.hour - customer_->shift_hours;
  if (now.hour < 0) now.hour += 24;
  if (now.hour >= 24) now.hour -= 24;
  now.people = people_activity(now.hour) * (clock.weekend() ? customer_->weekend_people : 1) * day_.busy;
  now.machines = machine_activity(now.hour) * (clock.weekend() ? customer_->weekend_machines : 1) * day_.busy;
  const bool collector_away = now.local_slot >= day_.gap_begin && now.local_slot < day_.gap_end;
  now.api_lost = rng.chance(kReportLost) || collector_away;
  now.payments_lost = rng.chance(kReportLost) || collector_away;
  now.people_lost = rng.chance(kReportLost) || collector_away;
  minor_ = minor_version(*customer_, static_cast<std::int64_t>(slot.days));
  const bool carries_new =
      customer_->release_ring <= 1 && slot.new_version[static_cast<std::size_t>(customer_->region)];
  patch_ = carries_new || effect(FaultKind::bad_release, now.at) > 0 ? 1 : 0;
  return now;
}

void CustomerTelemetry::begin_day(std::int64_t number) {
  Rng rng(seed_, customer_->index, kDayStream, static_cast<std::uint64_t>(number));
  day_ = Day{};
  day_.number = number;
  if (rng.chance(1.0 / 14)) day_.busy = rng.uniform(1.3, 1.8);
  if (rng.chance(1.0 / 28)) {
    day_.gap_begin = static_cast<unsigned>(rng.below(kSlotsPerDay));
    day_.gap_end = day_.gap_begin + 4 + static_cast<unsigned>(rng.below(9));
  }
  if (rng.chance(1.0 / 7)) {
    day_.blip_target = static_cast<Blip>(rng.below(4));
    day_.blip_begin = static_cast<unsigned>(rng.below(kSlotsPerDay));
    // Usage is reported each third slot, so that one report is hit; the others for five or ten minutes.
    day_.blip_end =
        day_.blip_begin + (day_.blip_target == Blip::usage ? 3 : 1 + static_cast<unsigned>(rng.below(2)));
    day_.blip_height = rng.uniform(3, 6);
  }
  if (rng.chance(1.0 / 14)) {
    day_.silence_begin = static_cast<unsigned>(rng.below(kSlotsPerDay));
    day_.silence_end = day_.silence_begin + 2 + static_cast<unsigned>(rng.below(2));
  }
}

Rng CustomerTelemetry::stream(SimulatedSignal signal, std::uint32_t slot, unsigned item) const {
  return Rng(seed_, customer_->index, static_cast<std::uint64_t>(signal) + 32 * item, slot);
}

double CustomerTelemetry::scatter(Rng& rng, SimulatedSignal signal, std::uint32_t slot, unsigned item) {
  // Only batteries have items here, at most four.
  Slow& slow = slow_[item == 0 ? static_cast<std::size_t>(signal) : kSimulatedSignals + item - 1];
  const std::uint32_t knot = slot / kKnotSlots;
  if (slow.knot != knot) {
    const std::uint64_t key = static_cast<std::uint64_t>(signal) + 32 * item + (1u << 16);
    slow.left = static_cast<float>(Rng(seed_, customer_->index, key, knot).normal());
    slow.right = static_cast<float>(Rng(seed_, customer_->index, key, knot + 1).normal());
    slow.knot = knot;
  }
  const double right = static_cast<double>(slot % kKnotSlots) / kKnotSlots, left = 1 - right;
  const double blend = (left * static_cast<double>(slow.left) + right * static_cast<double>(slow.right)) /
                       std::sqrt(left * left + right * right);
  return std::sqrt(1 - kSlowShare) * rng.normal() + std::sqrt(kSlowShare) * blend;
}

double CustomerTelemetry::wobble(Rng& rng, SimulatedSignal signal, std::uint32_t slot, double sigma) {
  return math::exp(sigma * scatter(rng, signal, slot) - 0.5 * sigma * sigma);
}

double CustomerTelemetry::effect(FaultKind kind, Timestamp at, int entity) const {
  // Faults of one customer rest between each other, so at most one can matter in a slot.
  if (next_fault_ == faults_.size()) return 0;
  const Fault& fault = *faults_[next_fault_];
  return fault.kind == kind && fault.entity == entity ? fault.effect(at) : 0;
}

double CustomerTelemetry::blip(const Moment& now, Blip target) const {
  const bool on =
      day_.blip_target == target && now.local_slot >= day_.blip_begin && now.local_slot < day_.blip_end;
  return on ? day_.blip_height : 0;
}

void CustomerTelemetry::emit(const Moment& now, SimulatedSignal signal, std::int64_t time_ms, double value,
                             unsigned item) const {
  SimulatedReading reading;
  reading.time_ms = reading.arrival_ms = time_ms;
  reading.customer = customer_->index;
  reading.slot = now.slot->number;
  reading.signal = signal;
  reading.item = static_cast<std::uint8_t>(item);
  reading.minor = static_cast<std::uint8_t>(minor_);
  reading.patch = static_cast<std::uint8_t>(patch_);
  reading.value = value;
  now.into->push_back(reading);
}

}  // namespace proactive::daemon
