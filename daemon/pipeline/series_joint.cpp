// The part of SeriesPlan that is about joint series.
#include <cmath>
#include <cstring>
#include <limits>

#include <xxhash.h>

#include "daemon/pipeline/series.h"
#include "models/base/check.h"
#include "models/detect/block_ids.h"

namespace proactive::daemon {

using rules::MeasureFact;

namespace {

// `earliest`, `latest`: of the buckets that records lead to.
bool sane(const JointHead& head, std::size_t members, std::int64_t earliest, std::int64_t latest) {
  const bool never = head.closed_bucket == kNoTime;
  if (never != (head.last_event_us == kNoTime) || head.there > members) return false;
  if (!never &&
      (!plausible_us(head.last_event_us) || head.closed_bucket < earliest || head.closed_bucket > latest))
    return false;
  if (!(head.ratio >= 0 && std::isfinite(head.ratio) && head.severity >= 0 && head.severity <= 100 &&
        head.p >= 0 && head.p <= 1)) {
    return false;
  }
  for (std::size_t i = 0; i < std::size(head.shares); ++i) {
    if (head.members[i] >= members || !(head.shares[i] >= 0 && head.shares[i] <= 1)) return false;
  }
  return true;
}

}  // namespace

std::uint32_t SeriesPlan::joint_model_hash() const {
  static const auto hash =
      static_cast<std::uint32_t>(XXH3_64bits(models::kJointParams.data(), models::kJointParams.size()));
  return params_hash_ ^ hash;
}

double SeriesPlan::residual(const std::byte* block, std::int64_t bucket) const {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  const SeriesHead& h = head(block);
  if (!ensemble_ || h.closed_bucket != bucket || h.sampled_bucket != bucket) return kMissing;
  const MeasureFact closed = fact(block, bucket, true);
  if (!closed.known || !closed.score.ready) return kMissing;
  return closed.value - static_cast<double>(closed.score.expected);
}

MeasureFact SeriesPlan::judge_row(std::byte* block, std::int64_t bucket, std::int64_t last_event_us,
                                  std::span<const double> row) const {
  JointHead& h = joint_head(block);
  PROACTIVE_CHECK(row.size() == measure_->members.size() && bucket > h.closed_bucket);
  const std::int64_t elapsed = h.closed_bucket == kNoTime ? 0 : bucket - h.closed_bucket;
  const models::JointReading reading = joint_->update(joint_state(block), row, Duration(elapsed * step_us_));
  h = {};
  h.closed_bucket = bucket;
  h.last_event_us = last_event_us;
  for (const double value : row)
    h.there = static_cast<std::uint8_t>(h.there + (std::isfinite(value) ? 1 : 0));
  h.ready = reading.score.ready ? 1 : 0;
  h.ratio = static_cast<float>(reading.score.ratio);
  h.severity = reading.score.severity;
  h.p = static_cast<float>(reading.score.p);
  h.samples = reading.score.samples;
  for (std::size_t i = 0; i < reading.contributors.size(); ++i) {
    h.members[i] = static_cast<std::uint8_t>(reading.contributors[i].column);
    h.shares[i] = static_cast<float>(reading.contributors[i].share);
  }
  MeasureFact fact = joint_fact(block);
  fact.scored = fact.known;
  fact.score.onset = reading.score.onset;
  return fact;
}

MeasureFact SeriesPlan::joint_fact(const std::byte* block) const {
  const JointHead& h = joint_head(block);
  MeasureFact fact;
  fact.known = h.ready != 0;
  fact.value = h.ratio;
  fact.score.ready = fact.known;
  fact.score.ratio = h.ratio;
  fact.score.severity = h.severity;
  fact.score.p = h.p;
  fact.score.samples = h.samples;
  fact.score.top = ModelId::multi;
  for (std::size_t i = 0; i < fact.contributors.size(); ++i)
    fact.contributors[i] = {h.members[i], h.shares[i]};
  return fact;
}

Result<std::uint32_t> SeriesPlan::load_joint(std::string_view blocks, std::byte* block) const {
  std::optional<JointHead> stored;
  bool model = false;
  std::uint32_t cold = 0;
  BlockReader reader(blocks);
  for (;;) {
    const Result<std::optional<Block>> next = reader.next();
    if (!next) return tl::make_unexpected(next.error());
    if (!next->has_value()) break;
    const Block& one = **next;
    const bool own = one.id == kJointBlock;
    if (!own && one.id != static_cast<std::uint8_t>(models::BlockId::multi)) {
      ++cold;
      continue;
    }
    if (one.version > 1) {
      return failure("series block " + std::to_string(one.id) + " has version " +
                     std::to_string(one.version) + ", this program reads up to 1");
    }
    if (own && one.params_hash == params_hash_ && one.payload.size() == sizeof(JointHead)) {
      stored.emplace();
      std::memcpy(&*stored, one.payload.data(), sizeof(JointHead));
    } else if (!own && one.params_hash == joint_model_hash() && one.payload.size() == joint_->state_bytes()) {
      std::memcpy(joint_state(block).data(), one.payload.data(), one.payload.size());
      model = joint_->sane(joint_state(block));
    }
  }
  // The one without the other would show a score that nothing has given.
  if (stored && sane(*stored, measure_->members.size(), bucket_of(kEarliestUs), bucket_of(kLatestUs)) &&
      model) {
    joint_head(block) = *stored;
    return cold;
  }
  init(block, 0, 0);
  return cold + 1;
}

}  // namespace proactive::daemon
