// The timestamps of `score`, as people's files have them.
//
//   2026-11-23T09:39:58.120Z   2026-11-23 09:39:58+01:00     with an offset: that instant
//   2026-11-23 09:39:58   2026-11-23T09:39   2026/11/23 9:39   2026-11-23     without: local time of --time-zone
//   1763890798   1763890798.25   1763890798120   ...         epoch: seconds below 1e11, milliseconds below 1e14,
//                                                            microseconds below 1e17, else nanoseconds; or a row number
//
// A date with the year last is refused, since nobody can tell day and month apart. Years 1970..2261.
#pragma once

#include <string_view>

#include "daemon/score/calendar.h"
#include "models/base/result.h"
#include "models/base/time.h"

namespace proactive::daemon {

[[nodiscard]] Result<Timestamp> parse_row_time(std::string_view text, const Calendar& calendar);

}  // namespace proactive::daemon
