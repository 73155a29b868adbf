// Calendar knows a time zone: local timestamps to UTC, and UTC to the slots of day and week that the models ask for.
//
// The zone's rules come from the system's zone database (date-tz); an answer holds until the zone's next change, so a row
// costs no look-up. Owner: one command. Clock: none. Bound: none beyond the cached answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/base/result.h"
#include "models/base/time.h"
#include "models/detect/sample.h"

namespace date {
class time_zone;
}

namespace proactive::daemon {

class Calendar {
 public:
  // `name` as in the zone database: "UTC", "Europe/Berlin". An unknown one is an error that says so.
  [[nodiscard]] static Result<Calendar> of(const std::string& name);

  // Local time, as microseconds since 1970-01-01 00:00 local, to UTC. An hour that occurs twice is its first occurrence;
  // one that a change of clock skips is read with the offset before it.
  [[nodiscard]] Timestamp to_utc(std::int64_t local_us) const;
  // Fills half_hour, hour_of_week and local_day.
  void place(Timestamp time, models::Context& context);

 private:
  const date::time_zone* zone_ = nullptr;  // of the database, which lives as long as the process; null: UTC
  std::int64_t offset_us_ = 0, from_us_ = 0, until_us_ = 0;  // the cached answer
};

}  // namespace proactive::daemon
