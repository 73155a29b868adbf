// The `when` tree: three-valued, pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "models/detect/forecast.h"
#include "rules/engine/rule.h"

namespace proactive::rules {

// An `unusual`, `unusual_together` or `reaches` leaf beyond these has no room for its latch; lint_rules refuses it.
inline constexpr std::size_t kMaxLatchedLeaves = 8;

// What the pipeline knows of one of the rule's measures at the time of evaluation.
struct MeasureFact {
  bool known = false;             // false: empty window, too little data (`needs`), NaN, x/0
  double value = 0;               // of the window
  bool scored = false;            // a Score of this very close is there (else `unusual` keeps its latch)
  Score score;                    // of the newest close; score.ready false while warming
  models::Forecast::Trend trend;  // `reaches`: of the newest close
  Duration step{};                // ... in buckets of this length
  // `unusual_together`: what the score comes from, most first; `value` is the ratio.
  struct Contributor {
    std::uint8_t member = 0;  // of Together::members
    float share = 0;          // 0: there are fewer
  };
  std::array<Contributor, 3> contributors{};
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
  // Per `unusual`, `unusual_together` or `reaches` leaf, in their order. unusual: bit k, it opened and has not closed; bit 8 + k, an onset came
  // whose deviation lasts, though the differences of min_delta may not be met yet. reaches: the two bits count how many
  // closes in a row foresaw it, up to three, which is true. Owned by evaluate(), opaque to all others.
  std::uint16_t latched = 0;
  std::uint16_t matched = 0;  // bit per leaf: true now
  std::uint16_t unknown = 0;  // bit per leaf: unknown now
};

// What a `reaches` leaf foresees. nullopt: no trend yet, or no limit. Its buckets_left are MeasureFact::step long.
[[nodiscard]] std::optional<models::Forecast::Verdict> foreseen(const Reaches& reaches,
                                                                const MeasureFact& fact,
                                                                const ProfileFacts& profile);

// Until the limit is met at the present trend; the whole of `within` if it would take longer.
[[nodiscard]] Duration time_left(const models::Forecast::Verdict& verdict, const MeasureFact& fact);

// `open`: the episode is firing or recovering, so leaves use their clear limits. `latched`: from the last verdict.
// An `unusual` leaf opens when an onset has come and the differences are met, at once or while the deviation lasts: a
// window that slides into a problem is rare long before it is large.
// The rule's only_for is part of the verdict: false where it does not hold, unknown where its field is missing.
[[nodiscard]] Verdict evaluate(const Rule& rule, std::span<const MeasureFact> facts,
                               const ProfileFacts& profile, bool open, std::uint16_t latched);

}  // namespace proactive::rules
