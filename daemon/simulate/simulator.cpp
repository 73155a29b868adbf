#include "daemon/simulate/simulator.h"

#include <algorithm>

#include "models/base/check.h"

namespace proactive::daemon {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;

constexpr std::uint64_t kTelemetryStream = 0x74656c656d, kArrivalStream = 0x617272697665;
constexpr Duration kLongestWarmUp = days(14);

bool arrives_before(const SimulatedReading& a, const SimulatedReading& b) {
  if (a.arrival_ms != b.arrival_ms) return a.arrival_ms < b.arrival_ms;
  if (a.customer != b.customer) return a.customer < b.customer;
  if (a.slot != b.slot) return a.slot < b.slot;
  if (a.signal != b.signal) return a.signal < b.signal;
  return a.item < b.item;
}

}  // namespace

Simulator::Simulator(const SimulationOptions& options)
    : options_(options), fleet_(make_fleet(options.seed, options.customers)) {
  PROACTIVE_CHECK(options.customers <= 1u << 24 && options.days <= 3650);
  PROACTIVE_CHECK(options.unused_share >= 0 && options.unused_share < 0.95);
  if (options_.faults) {
    FaultSchedule schedule;
    schedule.from = warm_until();
    schedule.until = end();
    schedule.per_customer_week = options_.faults_per_customer_week;
    plan_ = plan_faults(options_.seed, fleet_, schedule);
  }
  std::vector<std::vector<const Fault*>> by_customer(fleet_.size());
  for (const Fault& fault : plan_.faults) by_customer[fault.customer].push_back(&fault);
  const std::uint64_t seed = mix(options_.seed, kTelemetryStream);
  telemetry_.reserve(fleet_.size());
  for (const SimulatedCustomer& customer : fleet_) {
    telemetry_.emplace_back(seed, customer, std::move(by_customer[customer.index]), options_.unused_share);
  }
}

Timestamp Simulator::end() const { return options_.start + days(options_.days); }

Timestamp Simulator::warm_until() const {
  const Duration usual = std::min<Duration>(Duration(days(options_.days)) / 2, kLongestWarmUp);
  return options_.start + options_.warm_up.value_or(usual);
}

bool Simulator::next(SimulatedRecord& record) {
  while (position_ == arrived_) {
    if (slot_ == options_.days * kSlotsPerDay) return false;
    report_slot();
  }
  const SimulatedReading& reading = readings_[position_++];
  const SimulatedCustomer& customer = fleet_[reading.customer];
  record.event_time = Timestamp(milliseconds(reading.time_ms));
  record.customer = customer.id;
  record.json = line_.write(reading, customer);
  return true;
}

void Simulator::report_slot() {
  readings_.erase(readings_.begin(), readings_.begin() + static_cast<std::ptrdiff_t>(arrived_));
  const std::size_t carried = readings_.size();

  Slot slot = make_slot(options_.start, slot_++);
  const Timestamp begin{milliseconds(slot.begin_ms)};
  for (const Release& release : plan_.releases) {
    if (begin < release.began || release.ended <= begin) continue;
    for (std::size_t region = 0; region < kRegions; ++region) {
      if (static_cast<Region>(region) != release.bad_in) slot.new_version[region] = true;
    }
  }
  for (CustomerTelemetry& customer : telemetry_) customer.report(slot, readings_);

  if (options_.arrival_jitter > Duration::zero()) {
    Rng rng(options_.seed, kArrivalStream, slot.number);
    const double jitter_ms = static_cast<double>(options_.arrival_jitter.count()) / 1000;
    for (std::size_t i = carried; i < readings_.size(); ++i) {
      readings_[i].arrival_ms += static_cast<std::int64_t>(rng.uniform() * jitter_ms);
    }
  }
  if (options_.duplicate_share > 0) {
    Rng rng(options_.seed, kArrivalStream, slot.number, 1);
    for (std::size_t i = carried, own = readings_.size(); i < own; ++i) {
      if (rng.chance(options_.duplicate_share)) readings_.push_back(SimulatedReading(readings_[i]));
    }
  }
  std::sort(readings_.begin(), readings_.end(), arrives_before);

  // What arrives after this slot waits: a later slot may have records that arrive before it.
  const bool last = slot_ == options_.days * kSlotsPerDay;
  const std::int64_t slot_end = slot.begin_ms + kSlotMs;
  position_ = 0;
  arrived_ = readings_.size();
  while (!last && arrived_ > 0 && readings_[arrived_ - 1].arrival_ms >= slot_end) --arrived_;
}

std::vector<ProfileLine> Simulator::profiles() const {
  std::vector<ProfileLine> lines;
  for (const SimulatedCustomer& customer : fleet_) lines.push_back(make_profile(customer, options_.start));
  return lines;
}

std::vector<TicketLine> Simulator::tickets() const {
  return make_tickets(options_.seed, fleet_, plan_.faults, begin(), end());
}

std::vector<TruthRow> Simulator::truth() const {
  std::vector<TruthRow> rows;
  for (const Fault& fault : plan_.faults) rows.push_back(make_truth(fault, fleet_[fault.customer]));
  return rows;
}

}  // namespace proactive::daemon
