// Drift notices a small, lasting shift that no single value reveals.
//
//   f += (z - f) 2/13     z: standardised residual of the level, clipped to +-20
//   z_f = (f - mean) / max(1.2533 deviation, 0.1), memory 2000 samples, clipped to +-4 scales (robust.h)
//   calm: as f, of z clipped to +-3; while |z| < 2 and |calm| < |f|, calm_z is what z_f would be of it
//
// A spike of 20 keeps f up for a dozen samples. Once values are ordinary again only what calm shows of it is heard, while f
// goes on teaching what is usual: else a series of spikes would be usual at their echoes' cost (docs/models/tried.md).
// Odd when such an f is rare on this series (density_tail.h).
// Source: Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1 (1959).
// Cost: about 10 ns. State: 20 B. Clock and allocation: none.
// Silent until 20 residuals are known. Gap: f stays. Parameters: none (span 12).
// Not for: a single spike (use jump), a shift slower than the level adapts.
// REQUIRES of the caller: a residual of a level that is ready; one that is not is no residual of 0.
#pragma once

#include <cstdint>

#include "models/detect/robust.h"
#include "models/detect/sample.h"

namespace proactive::models {

class Drift {
 public:
  static constexpr std::uint32_t kSilentUntil = 20;

  struct State {
    float f = 0;
    Robust usual;
    std::uint32_t n = 0;
    float calm = 0;
  };
  static_assert(sizeof(State) == 20);

  // Learns z into f, scores f, then learns f. REQUIRES: z is not NaN.
  [[nodiscard]] Reading update(State& state, double z) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
