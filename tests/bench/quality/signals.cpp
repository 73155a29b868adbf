#include "tests/bench/quality/signals.h"

#include <algorithm>
#include <cmath>

namespace proactive::quality {

double Signal::day_turn(std::size_t i) const {
  const std::int64_t t = start_s + static_cast<std::int64_t>(i) * step_s;
  return static_cast<double>(t % 86400) / 86400;
}

bool Signal::weekend(std::size_t i) const {
  const std::int64_t day = (start_s + static_cast<std::int64_t>(i) * step_s) / 86400;
  return (day + 3) % 7 >= 5;  // the epoch began on a Thursday
}

double Signal::shown(double value) const {
  const double rounded = quantum > 0 ? quantum * std::floor(value / quantum + 0.5) : value;
  return std::clamp(rounded, low, high);
}

void Signal::show_all() {
  for (double& value : x) value = shown(value);
}

double daily_shape(double turns_from_peak) {
  const double wave =
      0.5 + 0.4 * math::cos_turns(turns_from_peak) + 0.1 * math::cos_turns(2 * turns_from_peak);
  return std::clamp(wave, 0.0, 1.0);
}

std::span<const SignalKind> signal_kinds() {
  using enum FaultKind;
  const std::vector<FaultKind> gauge = {spike_up, spike_down, level_shift, drift,
                                        variance, collective, flat_line,   dip_to_zero};
  const std::vector<FaultKind> season = {spike_up,   spike_down, level_shift, contextual, missed_peak,
                                         collective, drift,      dip_to_zero, flat_line};
  const std::vector<FaultKind> counts = {spike_up, rate_change, missed_peak, dip_to_zero, contextual};
  const std::vector<FaultKind> steady = {spike_up, spike_down, level_shift, drift, variance, dip_to_zero};
  const std::vector<FaultKind> upward = {spike_up, level_shift, rate_change};
  const std::vector<FaultKind> constants = {spike_up, spike_down, level_shift, dip_to_zero};
  static const std::vector<SignalKind> kinds = {
      {"cpu", "CPU load: weak daily cycle, AR noise, 0 to 100", false, fill::cpu, gauge},
      {"daily", "a smooth daily cycle of 5 to 20 noises, in the customer's hours", false, fill::daily,
       season},
      {"weekly requests", "request counts: day, weekend, Poisson", false, fill::weekly_requests, counts},
      {"gappy", "a daily cycle with lost rows, holes of hours, late rows", false, fill::gappy, season},
      {"latency", "log-normal with rare slow answers", false, fill::latency, steady},
      {"laplace", "exponential tails on both sides", false, fill::laplace, steady},
      {"ar(0.8)", "neighbours that resemble each other", false, fill::autoregressive, gauge},
      {"quantised", "whole numbers of a few levels", false, fill::quantised, steady},
      {"constant", "one value, and a rare blip", false, fill::constant, constants},
      {"few events", "Poisson counts of mean 0.1 to 5", false, fill::few_events, upward},
      {"queue", "queue depth: zero, with short bursts", false, fill::queue, upward},
      {"bursty",
       "network load: quiet and busy stretches",
       false,
       fill::bursty,
       {level_shift, dip_to_zero, flat_line, spike_up, rate_change}},
      {"trending",
       "disk use that grows, in steps of a tenth",
       false,
       fill::trending,
       {spike_up, spike_down, level_shift, drift, flat_line}},
      {"restless", "noise that is louder in some hours and weeks", false, fill::restless, steady},
      {"wandering", "a level that walks within days", false, fill::wandering, gauge},
      {"clicks", "negative binomial clicks with a day", true, fill::clicks, counts},
      {"temperature", "a slow walk with a small day and sensor noise", true, fill::temperature, gauge},
      {"nightly batch",
       "a job at the same hour each night",
       true,
       fill::nightly_batch,
       {spike_up, level_shift, missed_peak, contextual, dip_to_zero, drift}},
      {"sawtooth",
       "memory that grows and is collected",
       true,
       fill::sawtooth,
       {spike_up, level_shift, dip_to_zero, flat_line, collective}},
      {"log-normal", "a heavy upper tail", true, fill::log_normal, upward},
      {"student t3", "heavy tails on both sides", true, fill::student, steady},
  };
  return kinds;
}

}  // namespace proactive::quality
