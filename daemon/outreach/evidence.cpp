#include "daemon/outreach/evidence.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "daemon/outreach/quantity.h"

namespace proactive::daemon {

namespace {

std::optional<double> finite(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

// A float of a score without the digits that only its conversion to double brings: 0.034, not 0.03400000184774399.
std::optional<double> finite(float value) {
  if (!std::isfinite(value)) return std::nullopt;
  const std::string digits = fmt::format("{}", value);
  double same = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), same);
  return same;
}

std::optional<double> limit_value(const rules::Limit& limit, const rules::ProfileFacts* profile) {
  if (!limit.profile_field) return finite(limit.value);
  const ScalarValue* value = profile == nullptr ? nullptr : profile->field(*limit.profile_field);
  const double* number = value == nullptr ? nullptr : std::get_if<double>(value);
  if (number == nullptr) return std::nullopt;
  return finite(*number);
}

void fill(const rules::Threshold& test, const rules::MeasureFact& fact, const EvidencePlace& place,
          Evidence& into) {
  into.test = EvidenceTest::threshold;
  into.score_kind = ScoreKind::threshold;
  if (fact.known) into.observed = finite(fact.value);
  (test.above ? into.high : into.low) = limit_value(test.open, place.profile);
  into.direction = test.above ? Direction::high : Direction::low;
}

void fill(const rules::Unusual& test, const rules::MeasureFact& fact, const EvidencePlace&, Evidence& into) {
  into.test = test.stuck ? EvidenceTest::stuck : EvidenceTest::unusual;
  if (fact.known) into.observed = finite(fact.value);
  into.direction = test.direction;
  if (!fact.score.ready) return;
  const Score& score = fact.score;
  if (!test.stuck) {  // movement has no band that could be drawn around a value
    into.expected = finite(score.expected);
    into.low = finite(score.low);
    into.high = finite(score.high);
  }
  if (!test.stuck && score.direction != Direction::either) into.direction = score.direction;
  into.score = finite(score.ratio);
  if (into.score) into.score_kind = ScoreKind::own_noise_ratio;
  into.model = score.top;
  into.samples = score.samples;
  into.warm = true;
}

void fill(const rules::Reaches& test, const rules::MeasureFact& fact, const EvidencePlace& place,
          Evidence& into) {
  into.test = EvidenceTest::reaches;
  into.score_kind = ScoreKind::probability;
  into.direction = test.from_below ? Direction::high : Direction::low;
  (test.from_below ? into.high : into.low) = limit_value(test.limit, place.profile);
  if (fact.known) into.observed = finite(fact.value);
  if (place.profile == nullptr) return;
  const auto foreseen = rules::foreseen(test, fact, *place.profile);
  if (!foreseen) return;
  into.score = finite(foreseen->probability);
  into.reached_in = rules::time_left(*foreseen, fact);
}

// The score is that of all measures together.
void fill(const rules::Together&, const rules::MeasureFact& fact, const EvidencePlace&, Evidence& into) {
  into.test = EvidenceTest::together;
  if (!fact.score.ready) return;
  into.score = finite(fact.score.ratio);
  if (into.score) into.score_kind = ScoreKind::own_noise_ratio;
  into.model = fact.score.top;
  into.samples = fact.score.samples;
  into.warm = true;
}

void fill(const rules::Missing& test, const rules::MeasureFact&, const EvidencePlace& place, Evidence& into) {
  into.test = EvidenceTest::missing;
  into.score_kind = ScoreKind::threshold;
  into.unit = rules::Unit::s;
  into.share = false;
  into.direction = Direction::high;
  into.high = static_cast<double>(test.for_longer_than.count()) / 1e6;
  into.last_seen = place.last_seen;
  if (place.last_seen)
    into.observed = static_cast<double>((place.window_end - *place.last_seen).count()) / 1e6;
}

// "error_ratio" to "Error ratio".
std::string words_of(const std::string& name) {
  std::string words = name;
  for (char& c : words) {
    if (c == '_' || c == '-') c = ' ';
  }
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z')
    words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

bool is_low(const Evidence& evidence) { return evidence.direction == Direction::low; }

}  // namespace

std::string_view to_string(ScoreKind kind) {
  switch (kind) {
    case ScoreKind::none:
      return "";
    case ScoreKind::own_noise_ratio:
      return "own-noise ratio";
    case ScoreKind::minus_log10_p:
      return "-log10 p";
    case ScoreKind::threshold:
      return "threshold";
    case ScoreKind::probability:
      return "probability";
  }
  return "";
}

Evidence evidence_of(const rules::Rule& rule, const rules::Leaf& leaf, const rules::Measure& measure,
                     const rules::MeasureFact& fact, const EvidencePlace& place) {
  Evidence evidence;
  evidence.measure = leaf.measure < rule.measures.size() ? rule.measures[leaf.measure].name : leaf.id;
  evidence.unit = measure.unit;
  evidence.share = measure.function == rules::MeasureFunction::ratio;
  evidence.window_end = place.window_end;
  evidence.window_start = place.window_end - measure.over;
  evidence.since = place.since;
  std::visit([&](const auto& test) { fill(test, fact, place, evidence); }, leaf.test);
  return evidence;
}

std::vector<Evidence> evidence_together(const rules::Rule& rule, const rules::Leaf& leaf,
                                        const std::vector<rules::Measure>& measures,
                                        std::span<const rules::MeasureFact> facts,
                                        const EvidencePlace& place) {
  constexpr float kWorthNaming = 0.1F;
  const auto& together = std::get<rules::Together>(leaf.test);
  const rules::MeasureFact& joint = facts[leaf.measure];
  std::vector<Evidence> all;
  for (const rules::MeasureFact::Contributor& contributor : joint.contributors) {
    if (!all.empty() && contributor.share < kWorthNaming) break;
    const std::uint8_t slot = together.members[contributor.member];
    rules::Leaf own{leaf.id, slot, leaf.test};
    Evidence one = evidence_of(rule, own, measures[rule.measures[slot].plan], joint, place);
    const rules::MeasureFact& member = facts[slot];
    if (member.known) one.observed = finite(member.value);
    if (member.score.ready) {
      one.expected = finite(member.score.expected);
      one.low = finite(member.score.low);
      one.high = finite(member.score.high);
      if (member.known)
        one.direction =
            member.value < static_cast<double>(member.score.expected) ? Direction::low : Direction::high;
    }
    if (contributor.share > 0) one.contribution = finite(contributor.share);
    all.push_back(std::move(one));
  }
  return all;
}

std::string in_words(const Evidence& evidence, Duration lasting) {
  const auto quantity = [&](double value) { return format_quantity(value, evidence.unit, evidence.share); };
  const std::string name = words_of(evidence.measure);
  const std::optional<double>& limit = is_low(evidence) ? evidence.low : evidence.high;
  if (evidence.test == EvidenceTest::missing) {
    std::string text = name + " silent";
    if (evidence.observed) text += " for " + quantity(*evidence.observed);
    if (limit) text += ", longest allowed " + quantity(*limit);
    return text + '.';
  }
  std::string text = name;
  if (evidence.observed) text += ' ' + quantity(*evidence.observed);
  if (evidence.test == EvidenceTest::stuck) {
    text += ", not moving as it usually does";
  } else if (evidence.test == EvidenceTest::unusual) {
    if (evidence.model == ModelId::frozen) text += ", repeating itself";
    if (evidence.model == ModelId::volatility) text += ", jumping more than it usually does";
    if (evidence.expected) text += ", usual " + quantity(*evidence.expected);
  } else if (evidence.test == EvidenceTest::together) {
    if (evidence.expected) text += ", usual " + quantity(*evidence.expected);
    if (evidence.contribution)
      text += ", " + format_quantity(*evidence.contribution, rules::Unit::none, true) +
              " of what is unusual together";
  } else if (limit) {
    text += ", limit " + quantity(*limit);
  }
  if (evidence.test == EvidenceTest::reaches) {
    if (!evidence.reached_in) return text + '.';
    if (*evidence.reached_in < std::chrono::seconds(1)) return text + ", reached.";
    return text + ", reached in about " + format_lasting(*evidence.reached_in) + '.';
  }
  if (lasting >= std::chrono::seconds(1)) text += ", for " + format_lasting(lasting);
  return text + '.';
}

std::string_view reason_code(const Evidence& evidence) {
  switch (evidence.test) {
    case EvidenceTest::missing:
      return "SILENT";
    case EvidenceTest::threshold:
      return is_low(evidence) ? "BELOW_LIMIT" : "ABOVE_LIMIT";
    case EvidenceTest::stuck:
      return "NOT_MOVING";
    case EvidenceTest::reaches:
      return "WILL_REACH_LIMIT";
    case EvidenceTest::together:
      return "UNUSUAL_TOGETHER";
    case EvidenceTest::unusual:
      if (evidence.model == ModelId::frozen) return "NOT_MOVING";
      if (evidence.model == ModelId::volatility) return "MORE_RESTLESS";
      return is_low(evidence) ? "BELOW_EXPECTED_RANGE" : "ABOVE_EXPECTED_RANGE";
  }
  return "";
}

std::string reason_detail(const Evidence& evidence) {
  const std::optional<double>& limit = is_low(evidence) ? evidence.low : evidence.high;
  if (!evidence.observed) return "no value";
  std::string text = fmt::format("{}", *evidence.observed);
  if (evidence.test == EvidenceTest::reaches) {
    if (limit) text += fmt::format(" to {}", *limit);
    if (evidence.score) text += fmt::format(", probability {:.2f}", *evidence.score);
    return text;
  }
  if (evidence.test == EvidenceTest::together) {
    if (evidence.expected) text += fmt::format(", expected {}", *evidence.expected);
    if (evidence.contribution) text += fmt::format(", share {:.2f}", *evidence.contribution);
    if (evidence.score) text += fmt::format(" of {} times their own noise", format_number(*evidence.score));
    return text;
  }
  const bool beyond = limit && (is_low(evidence) ? *evidence.observed < *limit : *evidence.observed > *limit);
  if (beyond || (limit && evidence.test != EvidenceTest::unusual)) {
    text += fmt::format(" {} {}", is_low(evidence) ? '<' : '>', *limit);
  } else if (evidence.expected) {
    text += fmt::format(", expected {}", *evidence.expected);
  }
  if (evidence.score) text += fmt::format(", {} times its own noise", format_number(*evidence.score));
  return text;
}

}  // namespace proactive::daemon
