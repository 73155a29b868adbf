// A labelled series as a detector meets it (rows of time and value) and as the judge sees it (windows around faults).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace proactive::quality {

enum class FaultKind : std::uint8_t {
  spike_up,
  spike_down,
  level_shift,
  drift,
  variance,
  contextual,
  collective,
  flat_line,
  missed_peak,
  dip_to_zero,
  rate_change,
};
inline constexpr std::size_t kFaultKinds = 11;
[[nodiscard]] const char* name_of(FaultKind kind);

// Rows begin..end-1 hold the fault and a little more; the fault itself begins at `fault`.
struct Window {
  std::size_t begin = 0, end = 0, fault = 0;
  FaultKind kind{};
};

struct Series {
  std::string kind;             // of signal: "requests"
  std::string name;             // "requests/5m/3"
  bool reporting_only = false;  // tuning never sees this kind
  std::int64_t step_s = 0;      // of the grid; rows may be missing
  std::vector<std::int64_t> t;  // seconds since the epoch, rising
  std::vector<double> x;
  std::vector<Window> windows;  // apart from each other, after the probation
  std::size_t probation = 0;    // the first 15 % of the rows: nothing in them counts
};

// The two halves of the kit never share a seed, and some kinds of signal exist in `reporting` only.
enum class Split : std::uint8_t { tuning, reporting };
[[nodiscard]] const char* name_of(Split split);

}  // namespace proactive::quality
