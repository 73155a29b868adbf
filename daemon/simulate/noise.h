// How much each simulated signal scatters around what is usual: the unit in which fault sizes are given.
//
// `noise_of` is the standard deviation of one report at the customer's mean activity (of its logarithm for
// usage), or, for the two kinds of silence, the distance from the usual to the longest harmless gap.
// tests/unit/simulate holds it against the simulated data.
#pragma once

#include "daemon/simulate/fleet.h"

namespace proactive::daemon {

// Deviations of the logarithm, before the counting noise of Poisson and binomial draws comes on top.
inline constexpr double kRequestScatter = 0.12, kErrorScatter = 0.35, kLatencyScatter = 0.12,
                        kUsageScatter = 0.18, kPaymentScatter = 0.15, kPaymentFailureScatter = 0.3,
                        kLoginScatter = 0.2, kLoginFailureScatter = 0.3, kBacklogScatter = 0.35;
// Deviations in percentage points.
inline constexpr double kBatteryScatter = 1.5, kStorageScatter = 0.4;
// This part of each variance is slow: it lasts for hours. The rest is drawn anew at each report.
inline constexpr double kSlowShare = 0.1;
// Usual gaps are 5 and 60 minutes; harmless ones reach these beyond it.
inline constexpr double kHeartbeatGapSpread = 15, kJobGapSpread = 60;  // minutes

// Deviation of successes/trials when the success share itself scatters by `scatter` in its logarithm.
[[nodiscard]] double share_noise(double share, double scatter, double trials);
// Deviation of the logarithm of a Poisson count whose mean scatters by `scatter` in its logarithm.
[[nodiscard]] double log_count_noise(double mean, double scatter);

}  // namespace proactive::daemon
