#include "rules/engine/condition.h"

#include <cmath>
#include <optional>

#include "models/base/check.h"

namespace proactive::rules {
namespace {

// An `unusual` leaf closes when the ratio falls below this share of the limit that opened it.
constexpr double kCloseShare = 0.6;
// A `reaches` leaf is true from so many closes in a row on: one alone may be noise.
constexpr unsigned kClosesToBelieve = models::Forecast::kHitsToSpeak;
static_assert(kClosesToBelieve <= 3, "two bits count them");

// Kleene's and / or over any number of truths.
class Combined {
 public:
  explicit Combined(Condition::Op op) : decisive_(op == Condition::Op::all ? Truth::no : Truth::yes) {}

  void add(Truth truth) {
    if (truth == decisive_) decided_ = true;
    if (truth == Truth::unknown) unknown_ = true;
  }
  [[nodiscard]] Truth truth() const {
    if (decided_) return decisive_;
    if (unknown_) return Truth::unknown;
    return decisive_ == Truth::no ? Truth::yes : Truth::no;
  }

 private:
  Truth decisive_;
  bool decided_ = false;
  bool unknown_ = false;
};

Truth truth_of(bool value) { return value ? Truth::yes : Truth::no; }

std::optional<double> limit_value(const Limit& limit, const ProfileFacts& profile) {
  if (!limit.profile_field) return limit.value;
  const ScalarValue* field = profile.field(*limit.profile_field);
  const double* number = field == nullptr ? nullptr : std::get_if<double>(field);
  if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

bool on_side(Direction wanted, Direction seen) { return wanted == Direction::either || wanted == seen; }

struct Latch {
  bool onset = false;  // an onset came, and its deviation lasts
  bool open = false;   // the leaf is true
};

bool matters(const Unusual& unusual, const MeasureFact& fact) {
  if (unusual.stuck) return true;
  const double expected = static_cast<double>(fact.score.expected);
  const double difference = std::abs(fact.value - expected);
  return on_side(unusual.direction, fact.score.direction) && difference >= unusual.min_absolute &&
         difference >= unusual.min_relative * std::abs(expected);
}

// A latch as a number: 0 to 3.
unsigned count_of(const Latch& latch) { return (latch.onset ? 1U : 0U) + (latch.open ? 2U : 0U); }
Latch latch_with(unsigned count) { return {(count & 1U) != 0, (count & 2U) != 0}; }

Latch next(Latch latch, const Reaches& reaches, double probability) {
  const unsigned count = count_of(latch);
  const bool open = count == kClosesToBelieve;
  if (probability >= reaches.confidence) return latch_with(open ? count : count + 1);
  return open && probability >= kCloseShare * reaches.confidence ? latch : Latch{};
}

Latch next(Latch latch, const Unusual& unusual, const MeasureFact& fact) {
  const Score& score = fact.score;
  const bool side = unusual.stuck || on_side(unusual.direction, score.direction);
  if (score.onset >= unusual.theta && side) latch.onset = true;
  if (score.ratio < kCloseShare * unusual.theta) return {};
  latch.open = latch.open || (latch.onset && matters(unusual, fact));
  return latch;
}

// A distance has no side and no difference that could matter or not.
Latch next(Latch latch, const Together& together, const MeasureFact& fact) {
  if (fact.score.ratio < kCloseShare * together.theta) return {};
  const bool open = latch.open || fact.score.onset >= together.theta;
  return {open, open};
}

struct LeafTest {
  const MeasureFact& fact;
  const ProfileFacts& profile;
  bool open;
  Latch& latch;

  Truth operator()(const Threshold& threshold) const {
    const std::optional<double> limit = limit_value(open ? threshold.clear : threshold.open, profile);
    if (!fact.known || !limit) return Truth::unknown;
    return truth_of(threshold.above ? fact.value > *limit : fact.value < *limit);
  }

  // Without a score of this very close nothing new is known: the latch speaks. A model that is not ready, or
  // a window that is not known, makes the leaf unknown and leaves the latch alone.
  Truth operator()(const Unusual& unusual) const {
    if (!fact.known || !fact.score.ready || fact.score.samples < unusual.min_samples) return Truth::unknown;
    if (fact.scored) latch = next(latch, unusual, fact);
    return truth_of(latch.open);
  }

  Truth operator()(const Reaches& reaches) const {
    const auto verdict = foreseen(reaches, fact, profile);
    if (!fact.known || !verdict) return Truth::unknown;
    if (fact.scored) latch = next(latch, reaches, verdict->probability);
    return truth_of(count_of(latch) == kClosesToBelieve);
  }

  Truth operator()(const Together& together) const {
    if (!fact.known || !fact.score.ready) return Truth::unknown;
    if (fact.scored) latch = next(latch, together, fact);
    return truth_of(latch.open);
  }

  Truth operator()(const Missing&) const {
    return fact.absence_known ? truth_of(fact.silent) : Truth::unknown;
  }
};

bool is_latched(const Leaf& leaf) {
  return std::holds_alternative<Unusual>(leaf.test) || std::holds_alternative<Reaches>(leaf.test) ||
         std::holds_alternative<Together>(leaf.test);
}

// Where a leaf keeps its latch: its number among the rule's latched leaves.
std::size_t latch_number(const Rule& rule, std::size_t leaf) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < leaf; ++i) {
    number += is_latched(rule.when.leaves[i]) ? 1 : 0;
  }
  return number;
}

Latch latch_of(const Rule& rule, std::size_t leaf, std::uint16_t latched) {
  if (latched == 0 || !is_latched(rule.when.leaves[leaf])) return {};
  const std::size_t number = latch_number(rule, leaf);
  return {(latched >> (kMaxLatchedLeaves + number) & 1) != 0, (latched >> number & 1) != 0};
}

void keep(const Rule& rule, std::size_t leaf, const Latch& latch, std::uint16_t& latched) {
  if (!latch.open && !latch.onset) return;
  const std::size_t number = latch_number(rule, leaf);
  PROACTIVE_CHECK(number < kMaxLatchedLeaves);
  if (latch.open) latched |= static_cast<std::uint16_t>(1U << number);
  if (latch.onset) latched |= static_cast<std::uint16_t>(1U << (kMaxLatchedLeaves + number));
}

Truth in_scope(const Rule& rule, const ProfileFacts& profile) {
  Combined all(Condition::Op::all);
  for (const Predicate& predicate : rule.only_for) {
    const ScalarValue* field = profile.field(predicate.field);
    const bool undecided = field == nullptr && predicate.op != PredicateOp::present;
    all.add(undecided ? Truth::unknown : truth_of(predicate.holds(field)));
  }
  return all.truth();
}

}  // namespace

std::optional<models::Forecast::Verdict> foreseen(const Reaches& reaches, const MeasureFact& fact,
                                                  const ProfileFacts& profile) {
  const std::optional<double> limit = limit_value(reaches.limit, profile);
  if (!limit || !fact.trend.ready || fact.step <= Duration::zero()) return std::nullopt;
  models::Forecast::Params params;
  params.limit = *limit;
  params.side = reaches.from_below ? Direction::high : Direction::low;
  params.horizon = static_cast<double>(reaches.within.count()) / static_cast<double>(fact.step.count());
  return models::Forecast(params).foresee(fact.trend);
}

Duration time_left(const models::Forecast::Verdict& verdict, const MeasureFact& fact) {
  const double micros = verdict.buckets_left * static_cast<double>(fact.step.count());
  return Duration(static_cast<std::int64_t>(micros));
}

Verdict evaluate(const Rule& rule, std::span<const MeasureFact> facts, const ProfileFacts& profile, bool open,
                 std::uint16_t latched) {
  Verdict verdict;
  Combined root(rule.when.op);
  for (const Condition::Group& group : rule.when.groups) {
    Combined combined(group.op);
    for (const std::uint8_t index : group.leaves) {
      const Leaf& leaf = rule.when.leaves[index];
      PROACTIVE_CHECK(leaf.measure < facts.size());
      const auto bit = static_cast<std::uint16_t>(1U << index);
      Latch latch = latch_of(rule, index, latched);
      const Truth truth = std::visit(LeafTest{facts[leaf.measure], profile, open, latch}, leaf.test);
      keep(rule, index, latch, verdict.latched);
      if (truth == Truth::yes) verdict.matched |= bit;
      if (truth == Truth::unknown) verdict.unknown |= bit;
      combined.add(truth);
    }
    root.add(combined.truth());
  }
  Combined both(Condition::Op::all);
  both.add(in_scope(rule, profile));
  both.add(root.truth());
  verdict.truth = both.truth();
  return verdict;
}

}  // namespace proactive::rules
