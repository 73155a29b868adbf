// A simulated fleet: profiles, tickets, the truth about seeded faults, and a stream of telemetry in order of
// arrival. Same options, same bytes, on every host. docs/simulator.md states every distribution.
//
//   Simulator simulator({.seed = 7, .customers = 500, .days = 28});
//   for (SimulatedRecord record; simulator.next(record);) produce(record.customer, record.event_time,
//   record.json);
//
// Owner: a subcommand or a test. Thread: one. Clock: none. Bound: per customer about 1 KB and the readings of
// five minutes; per fault one row; nothing grows with telemetry.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/simulate/customer_telemetry.h"
#include "daemon/simulate/fault.h"
#include "daemon/simulate/fleet.h"
#include "daemon/simulate/telemetry_line.h"
#include "daemon/simulate/truth.h"
#include "models/base/time.h"

namespace proactive::daemon {

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::uint32_t customers = 100;                                             // at most 2^24
  std::uint32_t days = 28;                                                   // at most 3650
  Timestamp start = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);  // a Monday, 00:00 UTC
  std::optional<Duration> warm_up;  // without faults; half of the run, at most 14 days
  double faults_per_customer_week = 0.2;
  bool faults = true;          // false: the same fleet and noise in perfect health
  double unused_share = 0.2;   // of the lines: signals that no rule uses
  Duration arrival_jitter{};   // records arrive up to this late, so out of order; below the daemon's lateness
  double duplicate_share = 0;  // of the lines: delivered twice, the copy right behind
};

struct SimulatedRecord {
  Timestamp event_time;
  std::string_view customer;  // the record's key
  std::string_view json;      // one line without newline; both live until the next call of next()
};

class Simulator {
 public:
  explicit Simulator(const SimulationOptions& options);

  // In order of arrival: of event time, unless there is arrival_jitter. False at the end.
  [[nodiscard]] bool next(SimulatedRecord& record);

  [[nodiscard]] std::vector<ProfileLine> profiles() const;
  [[nodiscard]] std::vector<TicketLine> tickets() const;  // in order of time
  [[nodiscard]] std::vector<TruthRow> truth() const;      // in order of `began`

  [[nodiscard]] const std::vector<SimulatedCustomer>& fleet() const { return fleet_; }
  [[nodiscard]] const std::vector<Fault>& faults() const { return plan_.faults; }
  [[nodiscard]] Timestamp begin() const { return options_.start; }
  [[nodiscard]] Timestamp end() const;
  [[nodiscard]] Timestamp warm_until() const;  // no fault begins before

 private:
  void report_slot();

  SimulationOptions options_;
  std::vector<SimulatedCustomer> fleet_;
  FaultPlan plan_;
  std::vector<CustomerTelemetry> telemetry_;
  std::vector<SimulatedReading> readings_;  // of this slot, and what arrives later
  std::size_t position_ = 0, arrived_ = 0;  // readings_[position_, arrived_) are due
  std::uint32_t slot_ = 0;                  // the next one to make
  TelemetryLine line_;
};

}  // namespace proactive::daemon
