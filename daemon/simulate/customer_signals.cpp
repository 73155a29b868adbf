// The report_ functions of CustomerTelemetry: what is usual for each signal, plus blips, plus faults.
//
// C++ leaves the order of operands open and two draws in one expression would differ by compiler, hence one
// draw per statement.
#include <algorithm>
#include <cmath>

#include "daemon/simulate/customer_telemetry.h"
#include "daemon/simulate/noise.h"
#include "models/base/math.h"

namespace proactive::daemon {
namespace {

using std::chrono::milliseconds;
using Signal = SimulatedSignal;

constexpr std::uint64_t kUnusedStream = 203;
constexpr double kBatteryReportLost = 0.008;
constexpr unsigned kLongestHeartbeatGap = 4;  // slots: 20 minutes

Timestamp from_ms(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

// How much of the day's draw a battery has given: falls from 07:00 to 20:00, charged again by 02:00.
double drawn_by(double hour) {
  if (hour < 2) return (2 - hour) / 6;
  if (hour < 7) return 0;
  if (hour < 20) return (hour - 7) / 13;
  return (26 - hour) / 6;
}

}  // namespace

void CustomerTelemetry::report_api(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  if (now.api_lost) return;

  Rng requests_rng = stream(Signal::api_requests, slot);
  const double traffic = wobble(requests_rng, Signal::api_requests, slot, kRequestScatter);
  const std::uint64_t requests = requests_rng.poisson(customer_->requests * now.machines * traffic);
  emit(now, Signal::api_requests, now.flush_ms, static_cast<double>(requests));

  const double released = effect(FaultKind::bad_release, now.at);
  Rng errors_rng = stream(Signal::api_errors, slot);
  const double usual_share =
      customer_->error_share * wobble(errors_rng, Signal::api_errors, slot, kErrorScatter);
  const double more = effect(FaultKind::error_spike, now.at) + released + blip(now, Blip::errors);
  const double share = std::min(0.95, usual_share + more * error_noise_);
  emit(now, Signal::api_errors, now.flush_ms + 1, static_cast<double>(errors_rng.binomial(requests, share)));

  // Load costs a little, a busy day less than its traffic suggests.
  Rng latency_rng = stream(Signal::api_latency_ms, slot);
  const double load = 1 + 0.15 * (now.machines / day_.busy - 1) + (day_.busy > 1 ? 0.03 : 0);
  const double usual =
      customer_->latency_ms * load * wobble(latency_rng, Signal::api_latency_ms, slot, kLatencyScatter);
  const double slower = effect(FaultKind::latency_creep, now.at) + released / 2 + blip(now, Blip::latency);
  emit(now, Signal::api_latency_ms, now.flush_ms + 2, std::max(1.0, usual + slower * latency_noise_));
}

void CustomerTelemetry::report_usage(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  if (now.people_lost || slot % 3 != 2) return;
  Rng rng = stream(Signal::usage_actions, slot);
  const double usual =
      customer_->actions * now.people * wobble(rng, Signal::usage_actions, slot, kUsageScatter);
  const double fewer = effect(FaultKind::usage_drop, now.at) + blip(now, Blip::usage);
  const double mean = usual * math::exp(-fewer * usage_noise_);
  emit(now, Signal::usage_actions, now.flush_ms + 3, static_cast<double>(rng.poisson(mean)));
}

void CustomerTelemetry::report_payments(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  if (now.payments_lost || customer_->payments <= 0) return;
  Rng attempts_rng = stream(Signal::payments_attempts, slot);
  const double traffic = wobble(attempts_rng, Signal::payments_attempts, slot, kPaymentScatter);
  const double mean = customer_->payments * (0.5 * now.people + 0.5 * now.machines) * traffic;
  const std::uint64_t attempts = attempts_rng.poisson(mean);
  emit(now, Signal::payments_attempts, now.flush_ms + 4, static_cast<double>(attempts));

  Rng failed_rng = stream(Signal::payments_failed, slot);
  const double usual_share = customer_->payment_failure_share *
                             wobble(failed_rng, Signal::payments_failed, slot, kPaymentFailureScatter);
  const double more = effect(FaultKind::payment_failures, now.at) + blip(now, Blip::payments);
  const double share = std::min(0.95, usual_share + more * payment_noise_);
  emit(now, Signal::payments_failed, now.flush_ms + 5,
       static_cast<double>(failed_rng.binomial(attempts, share)));
}

void CustomerTelemetry::report_logins(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  if (now.people_lost || slot % 3 != 2) return;
  Rng attempts_rng = stream(Signal::logins_attempts, slot);
  const double traffic = wobble(attempts_rng, Signal::logins_attempts, slot, kLoginScatter);
  const std::uint64_t attempts = attempts_rng.poisson(customer_->logins * now.people * traffic);
  emit(now, Signal::logins_attempts, now.flush_ms + 6, static_cast<double>(attempts));

  Rng failed_rng = stream(Signal::logins_failed, slot);
  const double share =
      customer_->login_failure_share * wobble(failed_rng, Signal::logins_failed, slot, kLoginFailureScatter);
  emit(now, Signal::logins_failed, now.flush_ms + 7,
       static_cast<double>(failed_rng.binomial(attempts, share)));
}

void CustomerTelemetry::report_storage(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  if (slot % 12 != customer_->storage_phase) return;
  Rng rng = stream(Signal::storage_used_percent, slot);
  const double shifted = now.slot->days + customer_->storage_cleanup_day;
  const double cycle_day = shifted - 7 * std::floor(shifted / 7);
  const double level = customer_->storage_percent + customer_->storage_growth * cycle_day +
                       kStorageScatter * scatter(rng, Signal::storage_used_percent, slot) +
                       kStorageScatter * effect(FaultKind::quota_filling, now.at);
  const double percent = std::clamp(level, 0.1, 100.0);
  emit(now, Signal::storage_used_percent, now.flush_ms + 8, percent);
  emit(now, Signal::storage_used, now.flush_ms + 9, std::floor(percent / 100 * customer_->storage_quota));
}

void CustomerTelemetry::report_devices(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  for (unsigned number = 0; number < customer_->devices.size(); ++number) {
    const Device& device = customer_->devices[number];
    if (slot % 6 != device.phase) continue;
    Rng rng = stream(Signal::device_battery, slot, number);
    if (rng.chance(kBatteryReportLost)) continue;
    const LocalClock& clock = now.slot->clocks[static_cast<std::size_t>(customer_->zone)];
    const double draw = device.daily_draw * (clock.weekend() ? 0.7 : 1);
    const double level = device.full - draw * drawn_by(now.hour) +
                         kBatteryScatter * scatter(rng, Signal::device_battery, slot, number) -
                         kBatteryScatter * effect(FaultKind::battery_drain, now.at, static_cast<int>(number));
    emit(now, Signal::device_battery, now.flush_ms + 10 + number, std::clamp(level, 1.0, 100.0), number);
  }
}

std::int64_t CustomerTelemetry::healthy_run_ms(const Moment& now, unsigned job) const {
  constexpr std::int64_t kHourMs = 3'600'000;
  const std::int64_t hour = now.slot->begin_ms / kHourMs;
  const auto skipped = [&](std::int64_t h) {
    return stream(Signal::job_backlog, static_cast<std::uint32_t>(h), 16 + job).chance(0.01);
  };
  // Now and then a run is left out; the next one then comes on time.
  if (skipped(hour) && !skipped(hour - 1)) return 0;
  Rng rng = stream(Signal::job_completed, static_cast<std::uint32_t>(hour), job);
  const double late = std::min(900.0, rng.exponential(90));
  return hour * kHourMs + static_cast<std::int64_t>((customer_->jobs[job].second_of_hour + late) * 1000);
}

void CustomerTelemetry::report_jobs(const Moment& now) {
  const std::uint32_t slot = now.slot->number;
  const std::int64_t begin = now.slot->begin_ms, end = begin + kSlotMs;
  for (unsigned number = 0; number < customer_->jobs.size(); ++number) {
    const Job& job = customer_->jobs[number];
    std::int64_t& last = last_run_ms_[number];
    if (last == 0) last = begin;

    const std::int64_t healthy = healthy_run_ms(now, number);
    if (healthy >= begin && healthy < end &&
        effect(FaultKind::stuck_job, from_ms(healthy), static_cast<int>(number)) == 0) {
      last = healthy;
      emit(now, Signal::job_completed, healthy, 1, number);
    } else if (const double size = effect(FaultKind::stuck_job, from_ms(end - 1), static_cast<int>(number));
               size > 0) {
      const std::int64_t due = last + static_cast<std::int64_t>((60 + kJobGapSpread * size) * 60'000);
      if (due >= begin && due < end) {
        last = due;
        emit(now, Signal::job_completed, due, 1, number);
      }
    }

    if (slot % 12 != job.phase) continue;
    Rng rng = stream(Signal::job_backlog, slot, number);
    const double hours_waiting = static_cast<double>(now.flush_ms - last) / 3.6e6;
    const double usual =
        job.usual_backlog * now.machines * wobble(rng, Signal::job_backlog, slot, kBacklogScatter);
    const double waiting = job.usual_backlog * now.machines * std::max(0.0, hours_waiting - 1.25);
    emit(now, Signal::job_backlog, now.flush_ms + 14 + number, std::floor(usual + waiting + 0.5), number);
  }
}

void CustomerTelemetry::report_heartbeat(const Moment& now) {
  const std::int64_t slot = now.slot->number, gap = slot - last_heartbeat_slot_;
  const double size = effect(FaultKind::silent_heartbeat, from_ms(now.heartbeat_ms));
  if (size > 0) {
    // Gaps are whole slots, so the longest multiple is rounded to five minutes.
    const auto slots = static_cast<std::int64_t>((5 + kHeartbeatGapSpread * size) / 5 + 0.5);
    if (gap < slots) return;
  } else if (gap < kLongestHeartbeatGap) {
    const bool paused = now.local_slot >= day_.silence_begin && now.local_slot < day_.silence_end;
    if (paused || stream(Signal::sync_heartbeat, now.slot->number).chance(0.01)) return;
  }
  last_heartbeat_slot_ = slot;
  emit(now, Signal::sync_heartbeat, now.heartbeat_ms, 1);
}

void CustomerTelemetry::report_unused(const Moment& now, std::size_t used) {
  if (unused_share_ <= 0) return;
  Rng rng(seed_, customer_->index, kUnusedStream, now.slot->number);
  const double wanted = static_cast<double>(used) * unused_share_ / (1 - unused_share_);
  const auto count = static_cast<unsigned>(wanted + rng.uniform());
  for (unsigned number = 0; number < count; ++number) {
    const std::int64_t time = now.flush_ms + 20 + number;
    switch (rng.below(4)) {
      case 0:
        emit(now, Signal::ui_click, time, 1, number);
        break;
      case 1:
        emit(now, Signal::debug_gc_pause_ms, time, rng.log_normal(8, 0.7), number);
        break;
      case 2:
        emit(now, Signal::debug_cache_hits, time, static_cast<double>(rng.poisson(300)), number);
        break;
      default:
        emit(now, Signal::debug_queue_depth, time, static_cast<double>(rng.poisson(4)), number);
        break;
    }
  }
}

}  // namespace proactive::daemon
