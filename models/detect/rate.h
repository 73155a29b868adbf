// Rate notices too many or too few events in a bucket.
//
//   lambda ~ Gamma(a, b), events per unit of exposure:   a <- d a + x + (1-d) a0,   b <- d b + e + (1-d) b0,   d = 0.99
//   X negative binomial, mean mu = a e/b, size r with 1/r = 1/a + (phi - 1)/mu;   p = P(X >= x) or P(X <= x), half the mass of x itself
//   counted (mid-p); both sides: twice the smaller
//   phi >= 1: the Pearson dispersion (x - mu)^2/(mu + mu^2/a), clipped to 9 phi, memory 200 buckets, prior 1 worth 20
//
// Real counts are burstier than a Poisson: phi learns how much. x is learnt clipped to 4 standard deviations (at least 1 event)
// from mu, so that a burst does not become normal at once.
// Source: Robbins 1956; Gelman et al., Bayesian Data Analysis. Cost: 400 to 750 ns, more for larger counts. State: 16 B. Clock and allocation: none.
// Works from the first sample: prior a0 = 0.5, b0 = 0.01 (about 50 a bucket, held very weakly). Exposure 0 is skipped.
// Parameters: none. Not for: structural zeros (use silence), values that are not whole events.
#pragma once

#include <cstdint>

#include "models/base/score.h"

namespace proactive::models {

class Rate {
 public:
  struct State {
    float a = 0.5F, b = 0.01F;
    float dispersion = 1;
    std::uint32_t n = 0;
  };
  static_assert(sizeof(State) == 16);

  struct Verdict {
    double surprise = 0;       // -log10 p of the wanted side
    double z = 0;              // p as a normal score, positive above the mean: for drift
    double expected = 0;       // events
    double low = 0, high = 0;  // about the counts at p = 0.01, by the predictive deviation
    bool above = false;
  };

  [[nodiscard]] static bool acceptable(double x, double exposure);
  // REQUIRES, here and below: acceptable(x, exposure).
  [[nodiscard]] Verdict score(const State& state, double x, double exposure, Direction direction) const;
  void learn(State& state, double x, double exposure) const;
  [[nodiscard]] double mean(const State& state) const {
    return double{state.a} / double{state.b};
  }  // per exposure of 1
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
