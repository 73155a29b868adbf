// The series of a split: every kind of signal at every cadence, so many seeds of each; and their clean twins.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/bench/quality/series.h"

namespace proactive::quality {

// Deterministic: equal arguments give equal bits. `tuning` leaves out the kinds that are only reported.
[[nodiscard]] std::vector<Series> make_suite(Split split, int seeds, bool with_faults);
// One of them by its name ("requests/5m/3"); REQUIRES: it exists.
[[nodiscard]] Series make_one(Split split, std::string_view name, bool with_faults);

// What nobody should hear: normal, AR(0.8), seasonal, Poisson, quantised; Student, Laplace, log-normal, constant with rare
// noise; so many series of 20,000 five-minute rows each.
[[nodiscard]] std::vector<Series> make_quiet_panel(Split split, int seeds);

}  // namespace proactive::quality
