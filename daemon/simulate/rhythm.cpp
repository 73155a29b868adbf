#include "daemon/simulate/rhythm.h"

#include <cmath>

namespace proactive::daemon {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

enum class Daylight : std::uint8_t { none, european, north_american };
struct ZoneRule {
  std::string_view name;
  minutes standard;
  Daylight daylight;
};
constexpr std::array<ZoneRule, kZones> kRules = {{
    {"Europe/Berlin", minutes(60), Daylight::european},
    {"Europe/London", minutes(0), Daylight::european},
    {"Europe/Madrid", minutes(60), Daylight::european},
    {"America/New_York", minutes(-300), Daylight::north_american},
    {"America/Chicago", minutes(-360), Daylight::north_american},
    {"America/Los_Angeles", minutes(-480), Daylight::north_american},
    {"Asia/Singapore", minutes(480), Daylight::none},
    {"Asia/Tokyo", minutes(540), Daylight::none},
    {"Asia/Kolkata", minutes(330), Daylight::none},
}};

bool in_daylight(const ZoneRule& rule, Timestamp at) {
  using std::chrono::March;
  using std::chrono::November;
  using std::chrono::October;
  using std::chrono::Sunday;
  const std::chrono::year year = std::chrono::year_month_day(std::chrono::floor<days>(at)).year();
  switch (rule.daylight) {
    case Daylight::none:
      return false;
    case Daylight::european:  // last Sundays of March and October, 01:00 UTC everywhere
      return at >= sys_days(year / March / Sunday[std::chrono::last]) + hours(1) &&
             at < sys_days(year / October / Sunday[std::chrono::last]) + hours(1);
    case Daylight::north_american:  // second Sunday of March to first Sunday of November, 02:00 by the local
                                    // clock
      return at >= sys_days(year / March / Sunday[2]) + hours(2) - rule.standard &&
             at < sys_days(year / November / Sunday[1]) + hours(1) - rule.standard;
  }
  return false;
}

using Profile = std::array<double, 24>;

constexpr Profile normalised(Profile profile) {
  double sum = 0;
  for (const double value : profile) sum += value;
  for (double& value : profile) value *= 24 / sum;
  return profile;
}

constexpr Profile kPeople =
    normalised({0.04, 0.03, 0.03, 0.03, 0.04, 0.07, 0.16, 0.42, 0.82, 1.10, 1.22, 1.22,
                1.05, 1.08, 1.22, 1.20, 1.05, 0.80, 0.52, 0.38, 0.28, 0.20, 0.12, 0.06});

constexpr Profile machines() {
  Profile profile = kPeople;
  for (double& value : profile) value = 0.45 + 0.55 * value;
  return profile;
}
constexpr Profile kMachines = machines();

double interpolate(const Profile& profile, double hour) {
  const double whole = std::floor(hour);
  const auto index = static_cast<std::size_t>(whole) % 24;
  return profile[index] + (profile[(index + 1) % 24] - profile[index]) * (hour - whole);
}

}  // namespace

std::string_view to_string(SimulatedZone zone) { return kRules[static_cast<std::size_t>(zone)].name; }

minutes utc_offset(SimulatedZone zone, Timestamp at) {
  const ZoneRule& rule = kRules[static_cast<std::size_t>(zone)];
  return rule.standard + (in_daylight(rule, at) ? minutes(60) : minutes(0));
}

LocalClock local_clock(SimulatedZone zone, Timestamp at) {
  const Timestamp local = at + utc_offset(zone, at);
  const auto day = std::chrono::floor<days>(local);
  LocalClock clock;
  clock.hour = static_cast<double>((local - day).count()) / 3.6e9;
  clock.weekday = std::chrono::weekday(day).iso_encoding() - 1;
  clock.day = day.time_since_epoch().count();
  return clock;
}

double people_activity(double hour) { return interpolate(kPeople, hour); }
double machine_activity(double hour) { return interpolate(kMachines, hour); }

}  // namespace proactive::daemon
