#include "daemon/simulate/customer_telemetry.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <vector>

#include "daemon/simulate/noise.h"

namespace proactive::daemon {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using Signal = SimulatedSignal;

const Timestamp kStart = parse_rfc3339("2026-01-05T00:00:00Z").value();

using Readings = std::vector<SimulatedReading>;

Readings readings_of(const SimulatedCustomer& customer, std::uint32_t days,
                     const std::vector<const Fault*>& faults = {}) {
  CustomerTelemetry telemetry(17, customer, faults, 0);
  Readings readings;
  for (std::uint32_t slot = 0; slot < days * kSlotsPerDay; ++slot)
    telemetry.report(make_slot(kStart, slot), readings);
  return readings;
}

struct Spread {
  double sum = 0, squares = 0, count = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
    count += 1;
  }
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double deviation() const { return std::sqrt(squares / count - mean() * mean()); }
};

// Readings of one signal by slot.
std::map<std::uint32_t, double> by_slot(const Readings& readings, Signal signal, unsigned item = 0) {
  std::map<std::uint32_t, double> values;
  for (const SimulatedReading& reading : readings) {
    if (reading.signal == signal && reading.item == item) values[reading.slot] = reading.value;
  }
  return values;
}

std::vector<double> gaps_in_minutes(const Readings& readings, Signal signal, unsigned item = 0) {
  std::vector<double> gaps;
  std::int64_t last = 0;
  for (const SimulatedReading& reading : readings) {
    if (reading.signal != signal || reading.item != item) continue;
    if (last != 0) gaps.push_back(static_cast<double>(reading.time_ms - last) / 60'000);
    last = reading.time_ms;
  }
  return gaps;
}

// A customer with payments, a device and a job, so that every kind of fault can strike.
SimulatedCustomer busy_customer(Plan plan) {
  for (std::uint32_t index = 0;; ++index) {
    SimulatedCustomer customer = make_customer(17, index);
    if (customer.plan == plan && customer.payments > 0 && !customer.devices.empty() &&
        customer.devices[0].full - customer.devices[0].daily_draw > 40 && customer.storage_percent < 40) {
      return customer;
    }
  }
}

TEST_CASE("reports come at the documented cadence, a few are lost, and event times stay in their slot") {
  const SimulatedCustomer customer = busy_customer(Plan::business);
  const Readings readings = readings_of(customer, 28);

  std::map<Signal, double> counts;
  bool in_slot = true;
  for (const SimulatedReading& reading : readings) {
    counts[reading.signal] += 1;
    const std::int64_t begin = make_slot(kStart, reading.slot).begin_ms;
    in_slot = in_slot && reading.time_ms >= begin && reading.time_ms < begin + kSlotMs;
  }
  CHECK(in_slot);
  const double slots = 28 * kSlotsPerDay;
  CHECK(counts[Signal::api_requests] == doctest::Approx(slots).epsilon(0.02));
  CHECK(counts[Signal::api_requests] < slots);
  CHECK(counts[Signal::api_errors] == counts[Signal::api_requests]);  // a share never lacks its base
  CHECK(counts[Signal::usage_actions] == doctest::Approx(slots / 3).epsilon(0.02));
  CHECK(counts[Signal::storage_used_percent] == slots / 12);
  CHECK(counts[Signal::device_battery] ==
        doctest::Approx(slots / 6 * static_cast<double>(customer.devices.size())).epsilon(0.03));
  CHECK(counts[Signal::job_completed] ==
        doctest::Approx(slots / 12 * static_cast<double>(customer.jobs.size())).epsilon(0.03));
}

TEST_CASE("values follow the customer's own day and week") {
  const SimulatedCustomer customer = busy_customer(Plan::enterprise);
  const std::map<std::uint32_t, double> actions = by_slot(readings_of(customer, 28), Signal::usage_actions);
  Spread day, night, saturday;
  for (const auto& [slot, value] : actions) {
    const LocalClock clock = local_clock(customer.zone, kStart + slot * minutes(5));
    const double hour = clock.hour - customer.shift_hours;
    if (hour >= 10 && hour < 12) (clock.weekend() ? saturday : day).add(value);
    if (hour >= 2 && hour < 4 && !clock.weekend()) night.add(value);
  }
  CHECK(night.mean() < 0.1 * day.mean());
  CHECK(saturday.mean() / day.mean() == doctest::Approx(customer.weekend_people).epsilon(0.15));
}

TEST_CASE("the stated noise is the measured one") {
  for (const Plan plan : {Plan::team, Plan::business, Plan::enterprise}) {
    CAPTURE(to_string(plan));
    const SimulatedCustomer customer = busy_customer(plan);
    const Readings readings = readings_of(customer, 84);
    const auto requests = by_slot(readings, Signal::api_requests),
               errors = by_slot(readings, Signal::api_errors),
               latency = by_slot(readings, Signal::api_latency_ms),
               attempts = by_slot(readings, Signal::payments_attempts),
               failed = by_slot(readings, Signal::payments_failed),
               actions = by_slot(readings, Signal::usage_actions);

    // Reports at about the mean activity, for which the noise is stated.
    Spread error_share, latency_ms, failed_share, log_actions;
    for (const auto& [slot, count] : requests) {
      if (std::fabs(count / customer.requests - 1) < 0.15) {
        error_share.add(errors.at(slot) / count);
        latency_ms.add(latency.at(slot));
      }
    }
    for (const auto& [slot, count] : attempts) {
      if (std::fabs(count / customer.payments - 1) < 0.2) failed_share.add(failed.at(slot) / count);
    }
    for (const auto& [slot, count] : actions) {
      const LocalClock clock = local_clock(customer.zone, kStart + slot * minutes(5));
      const double mean =
          customer.actions * people_activity(std::fmod(clock.hour - customer.shift_hours + 24, 24));
      if (!clock.weekend() && std::fabs(mean / customer.actions - 1) < 0.3 && count > 0) {
        log_actions.add(std::log(count / mean));
      }
    }
    CHECK(error_share.mean() == doctest::Approx(customer.error_share).epsilon(0.1));
    CHECK(error_share.deviation() ==
          doctest::Approx(noise_of(FaultKind::error_spike, customer)).epsilon(0.2));
    CHECK(latency_ms.deviation() == doctest::Approx(latency_noise(customer)).epsilon(0.2));
    CHECK(failed_share.deviation() ==
          doctest::Approx(noise_of(FaultKind::payment_failures, customer)).epsilon(0.25));
    CHECK(log_actions.deviation() == doctest::Approx(noise_of(FaultKind::usage_drop, customer)).epsilon(0.3));
  }
}

TEST_CASE("harmless gaps reach as far as the stated spread and no further") {
  const SimulatedCustomer customer = busy_customer(Plan::business);
  const Readings readings = readings_of(customer, 168);

  double longest = 0;
  for (const double gap : gaps_in_minutes(readings, Signal::sync_heartbeat)) longest = std::max(longest, gap);
  CHECK(longest > 14);
  CHECK(longest < 5 + kHeartbeatGapSpread + 1);  // a report's own jitter on top

  longest = 0;
  for (const double gap : gaps_in_minutes(readings, Signal::job_completed)) longest = std::max(longest, gap);
  CHECK(longest > 105);
  CHECK(longest < 60 + kJobGapSpread + 16);  // a late run on top
}

struct Twins {
  SimulatedCustomer customer;
  Fault fault;
  Readings healthy, faulty;
};

// The same customer with and without one fault of two days, beginning in the morning of a Tuesday.
Twins twins(FaultKind kind, double size, Plan plan = Plan::enterprise) {
  Twins made;
  made.customer = busy_customer(plan);
  made.fault.kind = kind;
  made.fault.size = size;
  made.fault.customer = made.customer.index;
  if (facts_of(kind).entity_type != "customer") made.fault.entity = 0;
  made.fault.began = kStart + hours(32);
  made.fault.ended = made.fault.began + hours(48);
  made.healthy = readings_of(made.customer, 5);
  made.faulty = readings_of(made.customer, 5, {&made.fault});
  return made;
}

bool during(const Twins& made, std::uint32_t slot) {
  const Timestamp at = kStart + slot * minutes(5);
  return at >= made.fault.began + facts_of(made.fault.kind).ramp && at < made.fault.ended - minutes(5);
}

TEST_CASE("a fault moves its signal by its size in multiples of the noise") {
  for (const double size : {1.0, 3.0, 8.0}) {
    CAPTURE(size);
    {  // error_spike: the share of failed requests
      const Twins made = twins(FaultKind::error_spike, size);
      const auto requests = by_slot(made.faulty, Signal::api_requests),
                 was = by_slot(made.healthy, Signal::api_errors);
      Spread rise;
      for (const auto& [slot, errors] : by_slot(made.faulty, Signal::api_errors)) {
        if (during(made, slot)) rise.add((errors - was.at(slot)) / requests.at(slot));
      }
      CHECK(rise.mean() / noise_of(FaultKind::error_spike, made.customer) ==
            doctest::Approx(size).epsilon(0.1));
    }
    {  // bad_release: the same, and half of it on the latency
      const Twins made = twins(FaultKind::bad_release, size);
      const auto was = by_slot(made.healthy, Signal::api_latency_ms);
      Spread rise;
      for (const auto& [slot, latency] : by_slot(made.faulty, Signal::api_latency_ms)) {
        if (during(made, slot)) rise.add(latency - was.at(slot));
      }
      CHECK(rise.mean() / latency_noise(made.customer) == doctest::Approx(size / 2).epsilon(0.01));
    }
    {  // latency_creep: up to twice its size
      const Twins made = twins(FaultKind::latency_creep, size);
      const auto was = by_slot(made.healthy, Signal::api_latency_ms);
      for (const auto& [slot, latency] : by_slot(made.faulty, Signal::api_latency_ms)) {
        if (!during(made, slot)) continue;
        const double effect = (latency - was.at(slot)) / latency_noise(made.customer);
        CHECK(effect >= doctest::Approx(size).epsilon(0.01));
        CHECK(effect <= doctest::Approx(2 * size).epsilon(0.01));
      }
    }
    {  // usage_drop: the logarithm of the actions
      const Twins made = twins(FaultKind::usage_drop, size);
      const auto was = by_slot(made.healthy, Signal::usage_actions);
      double actions = 0, actions_before = 0;
      for (const auto& [slot, count] : by_slot(made.faulty, Signal::usage_actions)) {
        if (!during(made, slot)) continue;
        actions += count;
        actions_before += was.at(slot);
      }
      const double fall = std::log(actions_before / actions) / noise_of(FaultKind::usage_drop, made.customer);
      CHECK(fall == doctest::Approx(size).epsilon(0.1));
    }
    {  // payment_failures: the share of failed attempts
      const Twins made = twins(FaultKind::payment_failures, size);
      const auto attempts = by_slot(made.faulty, Signal::payments_attempts),
                 was = by_slot(made.healthy, Signal::payments_failed);
      double rise = 0, all = 0;
      for (const auto& [slot, failed] : by_slot(made.faulty, Signal::payments_failed)) {
        if (!during(made, slot)) continue;
        rise += failed - was.at(slot);
        all += attempts.at(slot);
      }
      CHECK(rise / all / noise_of(FaultKind::payment_failures, made.customer) ==
            doctest::Approx(size).epsilon(0.1));
    }
  }
}

TEST_CASE("batteries and storage leave their course by the size at the end of the ramp and go on") {
  for (const double size : {1.0, 3.0, 6.0}) {
    CAPTURE(size);
    const struct {
      FaultKind kind;
      Signal signal;
      double sign;
    } rows[] = {{FaultKind::battery_drain, Signal::device_battery, -1},
                {FaultKind::quota_filling, Signal::storage_used_percent, 1}};
    for (const auto& row : rows) {
      const Twins made = twins(row.kind, size);
      const auto was = by_slot(made.healthy, row.signal);
      double furthest = 0;
      for (const auto& [slot, level] : by_slot(made.faulty, row.signal)) {
        if (was.count(slot) == 0) continue;
        const double effect = row.sign * (level - was.at(slot)) / noise_of(row.kind, made.customer);
        const Timestamp at = kStart + slot * minutes(5);
        if (at < made.fault.began - minutes(5) || at >= made.fault.ended) CHECK(effect == doctest::Approx(0));
        if (at <= made.fault.began + facts_of(row.kind).ramp - minutes(5)) CHECK(effect <= size);
        furthest = std::max(furthest, effect);
      }
      CHECK(furthest > 2 * size);
    }
  }
}

TEST_CASE("a silent fault widens the gaps by its size in multiples of their spread") {
  for (const double size : {1.0, 2.0, 5.0, 10.0}) {
    CAPTURE(size);
    const Twins heart = twins(FaultKind::silent_heartbeat, size);
    double longest = 0;
    for (const double gap : gaps_in_minutes(heart.faulty, Signal::sync_heartbeat))
      longest = std::max(longest, gap);
    CHECK(longest == doctest::Approx(5 + kHeartbeatGapSpread * size).epsilon(0.03));

    const Twins job = twins(FaultKind::stuck_job, size);
    longest = 0;
    for (const double gap : gaps_in_minutes(job.faulty, Signal::job_completed))
      longest = std::max(longest, gap);
    CHECK(longest >= doctest::Approx(60 + kJobGapSpread * size).epsilon(0.01));
    CHECK(longest <= 60 + kJobGapSpread * size + 75);  // the first run after the fault waits for its hour

    double backlog = 0, backlog_before = 0;
    for (const auto& [slot, value] : by_slot(job.faulty, Signal::job_backlog)) backlog += value;
    for (const auto& [slot, value] : by_slot(job.healthy, Signal::job_backlog)) backlog_before += value;
    CHECK(backlog > backlog_before);
  }
}

TEST_CASE("a fault leaves all other signals as they were") {
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    const FaultFacts& facts = facts_of(static_cast<FaultKind>(kind));
    CAPTURE(facts.name);
    const Twins made = twins(static_cast<FaultKind>(kind), 5);
    const auto untouched = [&](const Readings& readings) {
      std::vector<double> values;
      for (const SimulatedReading& reading : readings) {
        const std::string_view name = facts_of(reading.signal).name;
        if (name == facts.signals[0] || name == facts.signals[1]) continue;
        values.push_back(reading.value);
        values.push_back(static_cast<double>(reading.time_ms));
      }
      return values;
    };
    CHECK(untouched(made.healthy) == untouched(made.faulty));
  }
}

TEST_CASE("who carries a bad release says so in the version, as do healthy carriers elsewhere") {
  const Twins made = twins(FaultKind::bad_release, 5);
  std::size_t misnamed = 0;
  for (const SimulatedReading& reading : made.faulty) {
    const bool bad = made.fault.active(Timestamp(milliseconds(reading.time_ms)));
    if (reading.signal == Signal::api_errors) misnamed += reading.patch != (bad ? 1 : 0);
  }
  CHECK(misnamed == 0);

  SimulatedCustomer carrier = made.customer;
  carrier.release_ring = 0;
  CustomerTelemetry telemetry(17, carrier, {}, 0);
  Slot slot = make_slot(kStart, 0);
  slot.new_version[static_cast<std::size_t>(carrier.region)] = true;
  Readings readings;
  telemetry.report(slot, readings);
  REQUIRE(!readings.empty());
  CHECK(readings.front().patch == 1);
}

TEST_CASE("health is not quiet: busy days, blips, pauses and absent collectors occur") {
  std::size_t busy_days = 0, blips = 0, away_hours = 0, days = 0;
  for (std::uint32_t index = 0; index < 20; ++index) {
    const SimulatedCustomer customer = make_customer(17, index);
    const Readings readings = readings_of(customer, 28);
    const auto requests = by_slot(readings, Signal::api_requests),
               latency = by_slot(readings, Signal::api_latency_ms);
    std::map<std::int64_t, double> per_day;
    std::uint32_t last = 0;
    for (const auto& [slot, count] : requests) {
      const LocalClock clock = local_clock(customer.zone, kStart + slot * minutes(5));
      if (!clock.weekend()) per_day[clock.day] += count / customer.requests / kSlotsPerDay;
      away_hours += slot >= last + 5;
      last = slot;
    }
    for (const auto& [day, volume] : per_day) busy_days += volume > 1.25;
    for (const auto& [slot, value] : latency) {
      blips += value > customer.latency_ms * 1.2 + 3 * latency_noise(customer);
    }
    days += 28;
  }
  CHECK(busy_days > days / 40);
  CHECK(busy_days < days / 8);
  CHECK(away_hours > days / 60);
  CHECK(away_hours < days / 14);
  CHECK(blips > days / 60);
}

}  // namespace
}  // namespace proactive::daemon
