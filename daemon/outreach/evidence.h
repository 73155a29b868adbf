// What was seen, what was to be expected, and who says so: one per leaf of the rule that speaks, of `unusual_together` one
// per measure that contributes. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/score.h"
#include "models/base/time.h"
#include "rules/engine/condition.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

enum class ScoreKind : std::uint8_t { none, own_noise_ratio, minus_log10_p, threshold, probability };
[[nodiscard]] std::string_view to_string(ScoreKind kind);

// Which kind of leaf it comes from.
enum class EvidenceTest : std::uint8_t { threshold, unusual, stuck, reaches, together, missing };

struct Evidence {
  std::string measure;
  rules::Unit unit = rules::Unit::none;
  bool share = false;  // a ratio 0..1, shown in percent
  EvidenceTest test = EvidenceTest::threshold;
  Timestamp window_start{}, window_end{};
  std::optional<double> observed;  // missing: seconds of silence
  std::optional<double> expected, low,
      high;  // of the model; threshold, reaches, missing: the limit is low or high
  Direction direction = Direction::either;  // of the deviation
  std::optional<double> score;
  ScoreKind score_kind = ScoreKind::none;
  ModelId model = ModelId::none;
  std::uint32_t samples = 0;
  bool warm = false;
  Timestamp since{};                   // when the episode began
  std::optional<Timestamp> last_seen;  // missing
  std::optional<Duration> reached_in;  // reaches: from window_end
  std::optional<double> contribution;  // together: this measure's share of the joint distance
};

struct EvidencePlace {
  Timestamp window_end{};
  Timestamp since{};
  std::optional<Timestamp> last_seen;
  const rules::ProfileFacts* profile = nullptr;  // for limits that are profile fields
};

// Evidence of leaf `leaf` of `rule`. REQUIRES: measure and fact are those of the leaf.
[[nodiscard]] Evidence evidence_of(const rules::Rule& rule, const rules::Leaf& leaf,
                                   const rules::Measure& measure, const rules::MeasureFact& fact,
                                   const EvidencePlace& place);

// Of an `unusual_together` leaf: its contributors, most first; at least one. `facts`: of all of the rule's measures.
[[nodiscard]] std::vector<Evidence> evidence_together(const rules::Rule& rule, const rules::Leaf& leaf,
                                                      const std::vector<rules::Measure>& measures,
                                                      std::span<const rules::MeasureFact> facts,
                                                      const EvidencePlace& place);

// "Error ratio 13.7 %, usual 1.1 %, for 28 minutes." `lasting`: since the episode began.
[[nodiscard]] std::string in_words(const Evidence& evidence, Duration lasting);

// The stable code of explanation.reasons, and its short detail: "0.137 > 0.034".
[[nodiscard]] std::string_view reason_code(const Evidence& evidence);
[[nodiscard]] std::string reason_detail(const Evidence& evidence);

}  // namespace proactive::daemon
