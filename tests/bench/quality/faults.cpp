#include "tests/bench/quality/faults.h"

#include <algorithm>
#include <cmath>

namespace proactive::quality {
namespace {

double reach_of(const Signal& s) {
  std::vector<double> deviations(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) deviations[i] = std::fabs(s.x[i] - s.expected[i]);
  const auto at = deviations.begin() + static_cast<std::ptrdiff_t>(0.999 * static_cast<double>(s.size()));
  std::nth_element(deviations.begin(), at, deviations.end());
  const double smallest = std::max({s.quantum, 0.02 * std::fabs(s.expected[0]), 1e-6});
  return std::max(*at, smallest);
}

// How long a fault lasts, in steps: hours for most, but never so few steps that it is a spike.
std::size_t duration_of(FaultKind kind, const Signal& s, Random& r) {
  double low_hours = 0, high_hours = 0, least = 1;
  switch (kind) {
    case FaultKind::spike_up:
    case FaultKind::spike_down:
      return static_cast<std::size_t>(r.whole(1, 3));
    case FaultKind::collective:
      return static_cast<std::size_t>(r.whole(10, 36));
    case FaultKind::dip_to_zero:
      return static_cast<std::size_t>(r.whole(1, 8));
    case FaultKind::level_shift:
      low_hours = 3, high_hours = 24, least = 12;
      break;
    case FaultKind::drift:
      low_hours = 8, high_hours = 30, least = 24;
      break;
    case FaultKind::variance:
      low_hours = 3, high_hours = 12, least = 20;
      break;
    case FaultKind::contextual:
      low_hours = 1, high_hours = 4, least = 2;
      break;
    case FaultKind::flat_line:
      low_hours = 3, high_hours = 10, least = 12;
      break;
    case FaultKind::missed_peak:
      low_hours = 6, high_hours = 9, least = 6;
      break;
    case FaultKind::rate_change:
      low_hours = 2, high_hours = 12, least = 6;
      break;
  }
  const double steps = r.between(low_hours, high_hours) * s.steps_per_hour();
  return static_cast<std::size_t>(std::clamp(steps, least, 0.05 * static_cast<double>(s.size())));
}

double against_half_a_day(const Signal& s, std::size_t i) {
  const auto half_day = static_cast<std::size_t>(12 * s.steps_per_hour());
  const std::size_t other = i >= half_day ? i - half_day : i + half_day;
  return s.expected[other] - s.expected[i];
}

// A place in [first, last) where this fault means something.
std::size_t place_of(FaultKind kind, const Signal& s, std::size_t first, std::size_t last, Random& r) {
  const auto any = [&] {
    return first + static_cast<std::size_t>(r.uniform() * static_cast<double>(last - first));
  };
  std::size_t best = any();
  const bool wants_height = kind == FaultKind::dip_to_zero || kind == FaultKind::rate_change;
  if (kind != FaultKind::contextual && kind != FaultKind::missed_peak && !wants_height) return best;
  const auto worth = [&](std::size_t i) {
    if (wants_height) return std::min(s.expected[i], s.expected[first + (last - first) / 2]);
    if (kind == FaultKind::contextual) return std::fabs(against_half_a_day(s, i));
    const double turn = s.day_turn(i) - s.peak_turn + 4.0 / 24;  // begins four hours before the peak
    return -std::fabs(turn - std::floor(turn + 0.5));
  };
  const int tries = kind == FaultKind::missed_peak ? 60 : 5;
  for (int i = 0; i < tries; ++i) {
    const std::size_t other = any();
    if (worth(other) > worth(best)) best = other;
  }
  return best;
}

void apply(Signal& s, const Fault& fault, double reach, Random& r) {
  const double side = r.chance(0.6) ? 1 : -1;
  const double strength = r.uniform();  // from barely to plainly visible
  const std::vector<double> before(s.x.begin() + static_cast<std::ptrdiff_t>(fault.begin),
                                   s.x.begin() + static_cast<std::ptrdiff_t>(fault.end));
  const auto rows = static_cast<double>(fault.end - fault.begin);
  const double period = r.between(3, 8);
  const double factor = r.chance(0.5) ? 0.4 - 0.3 * strength : 1.8 + 1.7 * strength;
  const double night = *std::min_element(s.expected.begin(), s.expected.end());
  for (std::size_t i = fault.begin; i < fault.end; ++i) {
    const double x = s.x[i], expected = s.expected[i], noise = x - expected;
    const auto into = static_cast<double>(i - fault.begin);
    double seen = x;
    switch (fault.kind) {
      case FaultKind::spike_up:
        seen = x + (1.2 + 2.3 * strength) * reach;
        break;
      case FaultKind::spike_down:
        seen = x - (1.2 + 2.3 * strength) * reach;
        break;
      case FaultKind::level_shift:
        seen = x + (s.low == expected ? 1 : side) * (0.7 + 1.5 * strength) * reach;
        break;
      case FaultKind::drift:  // up for two thirds, then held
        seen = x + side * (1 + 1.6 * strength) * reach * std::min(1.0, 1.5 * into / rows);
        break;
      case FaultKind::variance:
        seen = expected + noise * (2.5 + 2.5 * strength);
        break;
      case FaultKind::contextual:
        seen = x + against_half_a_day(s, i);
        break;
      case FaultKind::collective:
        seen = x + (0.6 + 0.7 * strength) * reach * math::sin_turns(into / period);
        break;
      case FaultKind::flat_line:
        seen = before.front();
        break;
      case FaultKind::missed_peak:
        seen = night + noise * (expected > 0 ? std::sqrt(std::max(0.0, night / expected)) : 1);
        break;
      case FaultKind::dip_to_zero:
        seen = 0;
        break;
      case FaultKind::rate_change:
        seen = expected * factor + noise * std::sqrt(factor);
        if (expected < reach && factor > 1) seen = x + strength * reach * r.exponential();
        break;
    }
    s.x[i] = s.shown(seen);
  }
}

}  // namespace

std::vector<Fault> inject_faults(Signal& signal, const std::vector<FaultKind>& kinds, std::size_t quiet,
                                 Random& random) {
  const double reach = reach_of(signal);
  const auto count = static_cast<std::size_t>(random.whole(1, 3));
  const std::size_t room = (signal.size() - quiet) / count;
  const auto first_kind = static_cast<std::size_t>(random.whole(0, static_cast<int>(kinds.size()) - 1));
  const auto stride = static_cast<std::size_t>(random.whole(1, 2));
  std::vector<Fault> faults;
  for (std::size_t k = 0; k < count; ++k) {
    Fault fault;
    fault.kind = kinds[(first_kind + k * stride) % kinds.size()];
    const std::size_t rows = duration_of(fault.kind, signal, random);
    const std::size_t margin = room / 10;
    const std::size_t first = quiet + k * room + margin, last = quiet + (k + 1) * room - margin - rows;
    fault.begin = place_of(fault.kind, signal, first, last, random);
    fault.end = fault.begin + rows;
    apply(signal, fault, reach, random);
    faults.push_back(fault);
  }
  return faults;
}

}  // namespace proactive::quality
