#include "models/detect/seasonal.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace proactive::models {
namespace {

constexpr double kResidualMemory = 1000;
constexpr double kClip = 4;  // scales
constexpr double kLevelGain = 0.01, kDayGain = 0.03, kWeekGain = 0.05;
constexpr double kSpreadUnit = 1.0 / 256, kSpreadGain = 0.02, kSpreadPrior = 10, kSpreadClip = 4;
constexpr double kLeastSpread = 0.25, kMostSpread = 4;
constexpr double kFullGainStep = 5 * 60e6;  // microseconds
constexpr std::uint32_t kUnclippedUntil = 10, kSilentUntil = 24;
constexpr int kWeeksBeforeSpeaking = 2;

void count_visit(Seasonal::Slot& slot, std::uint16_t today) {
  if (slot.visits < std::numeric_limits<std::uint8_t>::max()) ++slot.visits;
  const bool new_day = slot.days == 0 || slot.last_day != today;
  if (new_day && slot.days < std::numeric_limits<std::uint8_t>::max()) ++slot.days;
  slot.last_day = today;
}

// REQUIRES: the visit is counted.
void learn(Seasonal::Slot& slot, double least_gain, double residual) {
  const double gain = std::max(least_gain, 1.0 / slot.visits);
  slot.mean = static_cast<float>(double{slot.mean} + gain * residual);
}

// How loud this half hour is against the whole day: noise follows activity.
double spread_of(const Seasonal::State& s, std::size_t half_hour) {
  return std::clamp(s.spread[half_hour] * kSpreadUnit, kLeastSpread, kMostSpread);
}

void learn_spread(Seasonal::State& s, std::size_t half_hour, double residual, int visits) {
  if (s.residuals < kUnclippedUntil || s.deviation <= 0) return;
  const double now = s.spread[half_hour] * kSpreadUnit;
  const double seen = std::min(residual / double{s.deviation}, kSpreadClip * now);
  const double gain = std::max(kSpreadGain, 1.0 / (visits + kSpreadPrior));
  const double next = std::clamp(now + gain * (seen - now), 0.1, 100.0);
  s.spread[half_hour] = static_cast<std::uint16_t>(next / kSpreadUnit + 0.5);
}

}  // namespace

int Seasonal::earlier_days(const Slot& slot, std::uint16_t today) {
  return slot.days - (slot.days > 0 && slot.last_day == today ? 1 : 0);
}

Reading Seasonal::update(State& s, std::span<Slot> day, std::span<Slot> week, double x, double floor,
                         const Context& context) const {
  if (s.n == 0) s.level = x;
  Slot& tod = day[context.half_hour];
  Slot* const how = week.empty() ? nullptr : &week[context.hour_of_week];
  const int days = earlier_days(tod, context.local_day);
  const int weeks = how == nullptr ? 0 : earlier_days(*how, context.local_day);
  const bool by_day = how == nullptr || start_ == Start::known_day;
  const double weight = static_cast<double>(weeks) / (weeks + (by_day ? 1 : 0.33));

  Reading reading;
  reading.ready =
      s.residuals >= kSilentUntil && days >= kDaysBeforeSpeaking && (by_day || weeks >= kWeeksBeforeSpeaking);
  reading.expected =
      s.level + double{tod.mean} + (how == nullptr ? 0 : weight * double{how->mean}) + double{s.mean};
  reading.scale = std::max(1.2533 * double{s.deviation} * spread_of(s, context.half_hour), floor);
  const double off = x - reading.expected;
  reading.z = off / reading.scale;

  if (s.n < std::numeric_limits<std::uint32_t>::max()) ++s.n;
  count_visit(tod, context.local_day);
  if (how != nullptr) count_visit(*how, context.local_day);
  if (days == 0) {
    const double raw = x - s.level - double{tod.mean};
    learn(tod, 0, raw);
    return reading;
  }

  // While the week is not known, what is left is not noise: it must not widen the scale for weeks to come.
  const bool settled = by_day ? days >= kDaysBeforeSpeaking : weeks >= kWeeksBeforeSpeaking;
  const double clip = kClip * reading.scale;
  const double residual = settled && s.residuals > kUnclippedUntil ? std::clamp(off, -clip, clip) : off;
  if (settled) {
    learn_spread(s, context.half_hour, std::fabs(residual), tod.visits);
    if (s.residuals < std::numeric_limits<std::uint32_t>::max()) ++s.residuals;
    const double gain = s.residuals < kResidualMemory ? 1.0 / s.residuals : 1 / kResidualMemory;
    s.mean = static_cast<float>(double{s.mean} + gain * residual);
    s.deviation =
        static_cast<float>(double{s.deviation} + gain * (std::fabs(residual) - double{s.deviation}));
  }

  const double tempo = std::min(1.0, static_cast<double>(context.step.count()) / kFullGainStep);
  s.level += tempo * kLevelGain * residual;
  learn(tod, tempo * kDayGain, residual);
  if (how != nullptr) learn(*how, tempo * kWeekGain, residual);
  return reading;
}

bool Seasonal::sane(const State& s) const {
  return std::fabs(s.level) <= kLargestValue && std::fabs(double{s.mean}) <= kLargestValue &&
         s.deviation >= 0 && double{s.deviation} <= kLargestValue;
}

bool Seasonal::sane(const Slot& slot) const {
  return std::fabs(double{slot.mean}) <= kLargestValue && slot.days <= slot.visits;
}

}  // namespace proactive::models
