// One series: what is kept of one measure for one entity, as one block of bytes.
//
//   measured:  SeriesHead | CounterHead (counters) | ScoreNote (modelled) | ring of Bucket | ensemble state (modelled)
//                                                                         ... | TrendState (for `reaches`)
//   missing :  AbsenceHead
//   activity:  ActivityHead, one for each entity with a measure in which an empty bucket may be a zero
//   joint   :  JointHead | model (joint.h): what `unusual_together` compares; moves when its members have closed
//
// A block is plain memory: a pre-image and a rollback are copies. Buckets are aligned to the epoch; bucket b covers
// [b * step, (b + 1) * step). A SeriesPlan, compiled once per measure, knows the layout and does all arithmetic.
// Owner: one Pipeline. Clock: none. Allocation: none. Cost: tens of ns per event, plus the models per closed bucket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/base/result.h"
#include "models/base/score.h"
#include "models/base/state_record.h"
#include "models/detect/ensemble.h"
#include "models/detect/forecast.h"
#include "models/detect/joint.h"
#include "models/detect/scale_floor.h"
#include "rules/engine/condition.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

inline constexpr std::int64_t kNoTime = INT64_MIN;

// Block ids of a series record that belong to the pipeline; never reused.
inline constexpr std::uint8_t kSeriesBlock = 64;
inline constexpr std::uint8_t kAbsenceBlock = 65;
inline constexpr std::uint8_t kActivityBlock = 66;
inline constexpr std::uint8_t kTrendBlock = 67;
inline constexpr std::uint8_t kJointBlock = 68;

struct SeriesHead {
  std::int64_t last_event_us = kNoTime;
  std::int64_t applied_offset = -1;  // telemetry offset of the last record that changed this block
  std::int64_t first_bucket = 0;     // history without a gap begins here: sums over older buckets are unknown
  std::int64_t newest_bucket = 0;    // the ring holds (newest - capacity, newest]
  std::int64_t closed_bucket = 0;    // all buckets up to this one are closed
  std::int64_t sampled_bucket = kNoTime;  // the last bucket that the models learnt
  std::uint32_t seen_ids[8] = {};         // hashes of the last eight events; 0 is free
  std::uint32_t next_id = 0;
  std::uint32_t closing = 0;  // 1: a close is scheduled
};
static_assert(sizeof(SeriesHead) == 88);

struct CounterHead {  // cumulative signals: the last reading
  double reading = 0;
  std::int64_t time_us = kNoTime;
};

struct ScoreNote {  // the last score, for rules that look at several measures and for evidence
  float ratio = 0, severity = 0, expected = 0, low = 0, high = 0;
  float nlp = 0;  // -log10 of Score::p
  std::uint32_t samples = 0;
  std::uint8_t ready = 0, top = 0, direction = 0, reserved = 0;
};
static_assert(sizeof(ScoreNote) == 32);

struct Bucket {
  float a = 0;  // sum | numerator | value of min, max, last
  float b = 0;  // records, as a number | denominator | last: 1 + milliseconds into the bucket
};

struct AbsenceHead {
  std::int64_t seen_us = kNoTime;  // the signal was there, without a longer gap, up to here
  std::int64_t applied_offset = -1;
  std::int64_t first_ahead_us = kNoTime, last_ahead_us = kNoTime;  // seen again beyond the deadline
  std::int64_t silent_since_us = kNoTime;  // the deadline that passed; kNoTime: not silent
  std::int64_t clock_us = kNoTime;  // a hole of the pipeline ended here: the silence counts from then on
  std::int64_t lapsed = 0;          // 1: silent for longer than any rule cares

  [[nodiscard]] std::int64_t from_us() const { return seen_us > clock_us ? seen_us : clock_us; }
};
static_assert(sizeof(AbsenceHead) == 56);

// In which of the last 64 event hours the entity spoke at all. Whole hours before a bucket's end are certain when it
// closes, whatever the order of arrival, so zeros are counted by them.
struct ActivityHead {
  std::int64_t hour = kNoTime;  // of bit 0
  std::uint64_t hours = 0;      // bit i: hour - i
  std::int64_t last_event_us = kNoTime;
  std::int64_t applied_offset = -1;
};
static_assert(sizeof(ActivityHead) == 32);

// The last row of a joint series: what its rules and evidence show until the next.
struct JointHead {
  std::int64_t closed_bucket = kNoTime;  // its members' newest closed bucket
  std::int64_t last_event_us = kNoTime;  // likewise, of their events
  float ratio = 0, severity = 0, p = 1;
  std::uint32_t samples = 0;
  float shares[3] = {};
  std::uint8_t members[3] = {};
  std::uint8_t ready = 0;
  std::uint8_t there = 0;  // members with a value in the row
  std::uint8_t reserved[7] = {};
};
static_assert(sizeof(JointHead) == 56);

// For `reaches`: the trend of the window's value, which is learnt as buckets close.
struct TrendState {
  models::ScaleFloor::State floor;
  std::uint32_t reserved = 0;
  models::Forecast::State forecast;
};
static_assert(sizeof(TrendState) == 64);

enum class Observation : std::uint8_t { taken, duplicate, counter_reset, no_change };

class SeriesPlan {
 public:
  // `open`: how far event times may lie in front of the watermark.
  SeriesPlan(const rules::RuleSet& rules, rules::MeasureIndex index, Duration open, bool closes);
  // The plan of an entity's ActivityHead, which belongs to no measure.
  [[nodiscard]] static SeriesPlan activity_plan();

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Of them, what events change; what lies behind changes when a bucket closes.
  [[nodiscard]] std::size_t bytes_before_models() const { return ensemble_ || trend_ ? models_at_ : bytes_; }
  [[nodiscard]] bool absence() const { return kind_ == Kind::absence; }
  [[nodiscard]] bool activity() const { return kind_ == Kind::activity; }
  [[nodiscard]] bool joint() const { return kind_ == Kind::joint; }
  [[nodiscard]] bool counts_zeros() const { return sum_like_ && closes_; }
  [[nodiscard]] bool closes() const { return closes_; }  // a rule looks at closed buckets
  [[nodiscard]] const rules::Measure& measure() const { return *measure_; }
  [[nodiscard]] std::int64_t step_us() const { return step_us_; }
  [[nodiscard]] std::int64_t bucket_of(std::int64_t time_us) const;
  [[nodiscard]] std::int64_t end_of(std::int64_t bucket) const { return (bucket + 1) * step_us_; }

  // A fresh block that can take events from `watermark_us` on.
  void init(std::byte* block, std::int64_t time_us, std::int64_t watermark_us) const;

  // A value of one of the measure's signals. `denominator`: it is the ratio's second signal. REQUIRES: time_us is not
  // behind watermark_us.
  Observation observe(std::byte* block, std::int64_t time_us, std::int64_t watermark_us, double value,
                      bool denominator, bool cumulative, std::uint32_t id_hash, std::int64_t offset) const;

  // The window that ends with `bucket` (inclusive). `closed`: it is complete, so sums may be called too low.
  [[nodiscard]] rules::MeasureFact fact(const std::byte* block, std::int64_t bucket, bool closed) const;

  // Closes the next bucket: scores it and learns it. Returns the fact of the window that ends there. `interrupted`: the
  // pipeline was silent within the bucket. `active`: the entity spoke lately, so an empty bucket of a sum is a zero.
  rules::MeasureFact close_next(std::byte* block, bool interrupted, bool active, int utc_offset_s) const;
  // Whether a further close can still matter: data waits, the window holds something, or zeros may count.
  [[nodiscard]] bool wants_close(const std::byte* block, bool maybe_active) const;

  // What the models did not expect of the window that ends with `bucket`; NaN if they did not learn it.
  [[nodiscard]] double residual(const std::byte* block, std::int64_t bucket) const;
  // Joint series. REQUIRES: joint(); one residual per member, of `bucket`, which is behind the last one.
  rules::MeasureFact judge_row(std::byte* block, std::int64_t bucket, std::int64_t last_event_us,
                               std::span<const double> row) const;
  [[nodiscard]] rules::MeasureFact joint_fact(const std::byte* block) const;
  [[nodiscard]] static JointHead& joint_head(std::byte* block) {
    return *reinterpret_cast<JointHead*>(block);
  }
  [[nodiscard]] static const JointHead& joint_head(const std::byte* block) {
    return *reinterpret_cast<const JointHead*>(block);
  }

  [[nodiscard]] static SeriesHead& head(std::byte* block) { return *reinterpret_cast<SeriesHead*>(block); }
  [[nodiscard]] static const SeriesHead& head(const std::byte* block) {
    return *reinterpret_cast<const SeriesHead*>(block);
  }
  [[nodiscard]] static AbsenceHead& absence_head(std::byte* block) {
    return *reinterpret_cast<AbsenceHead*>(block);
  }
  [[nodiscard]] static const AbsenceHead& absence_head(const std::byte* block) {
    return *reinterpret_cast<const AbsenceHead*>(block);
  }
  [[nodiscard]] std::int64_t last_event_us(const std::byte* block) const;
  [[nodiscard]] std::int64_t applied_offset(const std::byte* block) const;

  // Activity. An event of the entity: false when it says nothing new.
  [[nodiscard]] static bool new_activity(const std::byte* block, std::int64_t time_us);
  static void note_activity(std::byte* block, std::int64_t time_us, std::int64_t offset);
  // Whether the entity spoke in one of the `hours` whole hours before the hour of `end_us`; with `also_this`, in it too.
  [[nodiscard]] static bool active_before(const std::byte* block, std::int64_t end_us, int hours,
                                          bool also_this);
  // How many hours back an empty bucket may look.
  [[nodiscard]] int activity_hours() const;

  // Absence. A record of the signal at `time_us`; the deadline after which it counts as silent.
  void seen(std::byte* block, std::int64_t time_us, std::int64_t offset) const;
  [[nodiscard]] std::int64_t silence_us() const { return over_us_; }

  // State blocks (docs/state-format.md). `load` keeps what fits and counts what starts cold.
  void append_blocks(const std::byte* block, std::string& out) const;
  [[nodiscard]] Result<std::uint32_t> load_blocks(std::string_view blocks, std::byte* block) const;
  [[nodiscard]] std::uint32_t params_hash() const { return params_hash_; }

 private:
  [[nodiscard]] Bucket* ring(std::byte* block) const { return reinterpret_cast<Bucket*>(block + ring_at_); }
  [[nodiscard]] const Bucket* ring(const std::byte* block) const {
    return reinterpret_cast<const Bucket*>(block + ring_at_);
  }
  [[nodiscard]] std::size_t slot(std::int64_t bucket) const;
  [[nodiscard]] bool sane_head(const std::byte* block) const;
  [[nodiscard]] bool load_own_block(const Block& one, std::byte* block) const;
  [[nodiscard]] bool load_trend(const Block& one, std::byte* block) const;
  [[nodiscard]] std::uint8_t own_block_id() const;
  [[nodiscard]] Bucket bucket(const std::byte* block, std::int64_t bucket) const;
  [[nodiscard]] Bucket* open_bucket(std::byte* block, std::int64_t bucket) const;
  [[nodiscard]] TrendState& trend(std::byte* block) const {
    return *reinterpret_cast<TrendState*>(block + models_at_);
  }
  [[nodiscard]] const TrendState& trend(const std::byte* block) const {
    return *reinterpret_cast<const TrendState*>(block + models_at_);
  }
  void learn_trend(std::byte* block, double value, std::int64_t elapsed) const;
  [[nodiscard]] models::Context context(std::int64_t end_us, std::int64_t elapsed, int utc_offset_s) const;

  [[nodiscard]] std::uint32_t joint_model_hash() const;
  [[nodiscard]] Result<std::uint32_t> load_joint(std::string_view blocks, std::byte* block) const;
  [[nodiscard]] std::span<std::byte> joint_state(std::byte* block) const {
    return {block + sizeof(JointHead), joint_->state_bytes()};
  }

  enum class Kind : std::uint8_t { measured, absence, activity, joint };

  SeriesPlan() = default;

  const rules::Measure* measure_ = nullptr;
  std::optional<models::Ensemble> ensemble_;
  std::optional<models::Joint> joint_;
  Kind kind_ = Kind::measured;
  bool closes_ = false, sum_like_ = false, counter_ = false, trend_ = false;
  std::int64_t over_us_ = 0, step_us_ = 1, window_ = 0, capacity_ = 0;
  std::size_t counter_at_ = 0, note_at_ = 0, ring_at_ = 0, models_at_ = 0, bytes_ = 0;
  std::uint32_t params_hash_ = 0;
};

}  // namespace proactive::daemon
