// Ratio notices a share (failed of all) that is too high or too low for its number of trials.
//
//   p = P(X >= x) or P(X <= x), X beta-binomial of n trials with the learnt share and scatter; both sides: twice the smaller
//   share: each step adds w = min(n, max(2, 200/steps)) trials, alpha += w x/n and beta += w (1 - x/n); a sum over 200 is
//   scaled back to 200
//   scatter: the intraclass correlation, from (x - n share)^2 of the scored windows against the binomial variance, memory
//   300 windows, between 1/20,000 and 1/20; the prior, 1/201 worth 20 windows, is a share known from 200 trials
//
// Shares vary more than coins do, and how much differs from series to series: hence the scatter. It is not learnt from a
// window that is unusual itself. However large a step, it teaches at most 2 trials once 100 steps are known (a decay of
// 0.99 a step), and its share counts at most 4 standard deviations from the mean: a busy incident does not become normal
// at once. Prior Beta(0.5, 4.5): works from the first sample. Counts are rounded to whole trials; x > n and n <= 0 are
// refused.
// Source: empirical Bayes, Efron and Morris 1975. Cost: about 100 ns, 500 ns for n in the thousands. State: 20 B.
// Clock and allocation: none.
// Not for: small n (little power, by design), shares of sums whose units are not trials.
#pragma once

#include <cstdint>

#include "models/base/score.h"
#include "models/detect/sample.h"

namespace proactive::models {

class Ratio {
 public:
  struct State {
    float alpha = 0.5F, beta = 4.5F;  // the share: what it is, and how many trials are remembered
    std::uint32_t n = 0;              // steps learnt
    float excess = 0,
          trials = 0;  // how much windows scatter beyond the binomial, and the trials that showed it
  };
  static_assert(sizeof(State) == 20);

  struct Verdict {
    double surprise = 0;       // -log10 p
    double expected = 0;       // share
    double low = 0, high = 0;  // about the shares at p = 0.01, by the predictive deviation
    bool above = false;        // the share is above the expected one
  };

  // x of n lies within a share.
  [[nodiscard]] static bool acceptable(double x, double n);
  // REQUIRES: acceptable(x, n).
  [[nodiscard]] Verdict score(const State& state, double x, double n, Direction direction) const;
  void learn(State& state, double x, double n) const;
  // Learns from a scored window how much this share scatters. REQUIRES: acceptable(x, n).
  void learn_scatter(State& state, double x, double n) const;
  [[nodiscard]] bool sane(const State& state) const;
};

}  // namespace proactive::models
