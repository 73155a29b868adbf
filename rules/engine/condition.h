// The `when` tree: three-valued, pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rules/engine/rule.h"

namespace proactive::rules {

// An `unusual` leaf beyond these has no room for its latch; lint_rules refuses it.
inline constexpr std::size_t kMaxUnusualLeaves = 8;

// What the pipeline knows of one of the rule's measures at the time of evaluation.
struct MeasureFact {
  bool known = false;          // false: empty window, too little data (`needs`), NaN, x/0
  double value = 0;            // of the window
  bool scored = false;         // a Score of this very close is there (else `unusual` keeps its latch)
  Score score;                 // of the newest close; score.ready false while warming
  bool silent = false;         // `missing`: the signal has been silent for longer than for_longer_than
  bool absence_known = false;  // `missing`: seen before and the pipeline was not late
};

// One customer's profile as rules see it.
class ProfileFacts {
 public:
  virtual ~ProfileFacts() = default;
  [[nodiscard]] virtual const ScalarValue* field(std::string_view name) const = 0;  // nullptr: missing
};

struct Verdict {
  Truth truth = Truth::unknown;
  // Per `unusual` leaf, in their order: bit k, it opened and has not closed; bit 8 + k, an onset came whose deviation
  // lasts, though the differences of min_delta may not be met yet. Owned by evaluate(), opaque to all others.
  std::uint16_t latched = 0;
  std::uint16_t matched = 0;  // bit per leaf: true now
  std::uint16_t unknown = 0;  // bit per leaf: unknown now
};

// `open`: the episode is firing or recovering, so leaves use their clear limits. `latched`: from the last verdict.
// An `unusual` leaf opens when an onset has come and the differences are met, at once or while the deviation lasts: a
// window that slides into a problem is rare long before it is large.
// The rule's only_for is part of the verdict: false where it does not hold, unknown where its field is missing.
[[nodiscard]] Verdict evaluate(const Rule& rule, std::span<const MeasureFact> facts,
                               const ProfileFacts& profile, bool open, std::uint16_t latched);

}  // namespace proactive::rules
