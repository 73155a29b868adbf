// Volatility notices a stretch that is louder than usual though no single value is: a changed variance, an odd shape.
//
//   f += (min(|z|, 6) - f) 2/21     z: standardised residual of the level
//   z_f = (f - mean) / max(1.2533 deviation, 0.1), memory 2000 samples, clipped to +-4 scales (robust.h); below 0: 0
//   calm: as f, of min(|z|, 2.5); while |z| < 2 and calm < f, calm_z is what z_f would be of it (drift.h says why)
//
// Odd when such an f is rare on this series (tail.h). Quieter than usual is no fault here.
// Source: Crowder and Hamilton, "An EWMA for Monitoring a Process Standard Deviation", J. Quality Technology 24 (1992).
// Cost: about 10 ns. State: 20 B. Clock and allocation: none.
// Silent until 20 residuals are known. Gap: f stays. Parameters: none (span 20).
// Not for: one spike (clipped at 6), noise that is louder at known hours (seasonal knows them).
// REQUIRES of the caller: a residual of a level that is ready; one that is not is no residual of 0.
#pragma once

#include <cstdint>

#include "models/detect/robust.h"
#include "models/detect/sample.h"

namespace proactive::models {

class Volatility {
 public:
  static constexpr std::uint32_t kSilentUntil = 20;

  struct State {
    float f = 0;
    Robust usual;
    std::uint32_t n = 0;
    float calm = 0;
  };
  static_assert(sizeof(State) == 20);

  // Learns z into f, scores f, then learns f; the reading's z and calm_z are not below 0. REQUIRES: z is not NaN.
  [[nodiscard]] Reading update(State& state, double z) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
