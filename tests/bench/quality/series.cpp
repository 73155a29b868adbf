#include "tests/bench/quality/series.h"

namespace proactive::quality {

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::spike_up:
      return "spike up";
    case FaultKind::spike_down:
      return "spike down";
    case FaultKind::level_shift:
      return "level shift";
    case FaultKind::drift:
      return "slow drift";
    case FaultKind::variance:
      return "change of variance";
    case FaultKind::contextual:
      return "right value, wrong hour";
    case FaultKind::collective:
      return "odd shape";
    case FaultKind::flat_line:
      return "flat line";
    case FaultKind::missed_peak:
      return "missed daily peak";
    case FaultKind::dip_to_zero:
      return "dip to zero";
    case FaultKind::rate_change:
      return "change of rate";
  }
  return "";
}

const char* name_of(Split split) { return split == Split::tuning ? "tuning" : "reporting"; }

}  // namespace proactive::quality
