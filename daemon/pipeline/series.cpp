#include "daemon/pipeline/series.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <xxhash.h>

#include "models/base/bytes.h"
#include "models/base/check.h"
#include "models/base/state_record.h"
#include "models/detect/block_ids.h"

namespace proactive::daemon {
namespace {

using rules::MeasureFact;
using rules::MeasureFunction;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;

bool is_sum_like(MeasureFunction function) {
  return function == MeasureFunction::count || function == MeasureFunction::sum ||
         function == MeasureFunction::rate;
}

models::EnsembleKind ensemble_kind(const rules::Measure& measure) {
  const bool full = measure.models == rules::ModelSet::full;
  if (measure.modelling == rules::Modelling::stuck) return models::EnsembleKind::stuck;
  if (measure.function == MeasureFunction::ratio)
    return full ? models::EnsembleKind::ratio_full : models::EnsembleKind::ratio;
  // Windows that overlap are no separate counts.
  const bool counts = measure.function == MeasureFunction::count && measure.over == measure.step;
  if (full) return counts ? models::EnsembleKind::count : models::EnsembleKind::gauge;
  switch (measure.season) {
    case rules::Season::none:
      return models::EnsembleKind::level;
    case rules::Season::day:
      return models::EnsembleKind::seasonal_day;
    case rules::Season::week:
      return models::EnsembleKind::seasonal_week;
  }
  return models::EnsembleKind::level;
}

bool never_or_plausible(std::int64_t us) { return us == kNoTime || plausible_us(us); }

bool sane(const AbsenceHead& a) {
  return never_or_plausible(a.seen_us) && never_or_plausible(a.first_ahead_us) &&
         never_or_plausible(a.last_ahead_us) && never_or_plausible(a.silent_since_us) &&
         never_or_plausible(a.clock_us);
}

bool sane(const ActivityHead& a) {
  return never_or_plausible(a.last_event_us) &&
         (a.hour == kNoTime || (a.hour >= kEarliestUs / kHourUs && a.hour <= kLatestUs / kHourUs));
}

std::uint32_t trend_hash() {
  static const auto hash =
      static_cast<std::uint32_t>(XXH3_64bits(models::kForecastParams.data(), models::kForecastParams.size()));
  return hash;
}

constexpr std::size_t align8(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

}  // namespace

SeriesPlan::SeriesPlan(const rules::RuleSet& rules, rules::MeasureIndex index, Duration open, bool closes)
    : measure_(&rules.measures[index]),
      kind_(measure_->function == MeasureFunction::missing    ? Kind::absence
            : measure_->function == MeasureFunction::together ? Kind::joint
                                                              : Kind::measured),
      closes_(closes && kind_ == Kind::measured),
      sum_like_(is_sum_like(measure_->function)),
      counter_(kind_ == Kind::measured &&
               rules.signals[measure_->signal].kind == rules::CatalogueKind::counter),
      over_us_(measure_->over.count()),
      step_us_(kind_ == Kind::absence ? over_us_ : measure_->step.count()) {
  PROACTIVE_CHECK(step_us_ > 0);
  params_hash_ = static_cast<std::uint32_t>(measure_->hash);
  if (kind_ == Kind::absence) {
    bytes_ = sizeof(AbsenceHead);
    return;
  }
  if (kind_ == Kind::joint) {
    joint_.emplace(measure_->members.size());
    bytes_ = align8(sizeof(JointHead) + joint_->state_bytes());
    return;
  }
  window_ = std::max<std::int64_t>(1, over_us_ / step_us_);
  // Buckets that the watermark has not closed yet: the open ones, the spread of closes (a minute) and the newest.
  const std::int64_t open_us = open.count() + 60'000'000;
  capacity_ = window_ + (open_us + step_us_ - 1) / step_us_ + 1;
  std::size_t at = sizeof(SeriesHead);
  if (counter_) {
    counter_at_ = at;
    at += sizeof(CounterHead);
  }
  trend_ = measure_->modelling == rules::Modelling::trend;
  if (measure_->modelling != rules::Modelling::none && !trend_) {
    ensemble_.emplace(models::EnsembleParams{
        ensemble_kind(*measure_), measure_->direction, {}, measure_->repeats == rules::Repeats::familiar});
    note_at_ = at;
    at += sizeof(ScoreNote);
  }
  ring_at_ = at;
  at += static_cast<std::size_t>(capacity_) * sizeof(Bucket);
  models_at_ = align8(at);
  bytes_ = models_at_ + (ensemble_ ? ensemble_->state_bytes() : 0) + (trend_ ? sizeof(TrendState) : 0);
}

SeriesPlan SeriesPlan::activity_plan() {
  SeriesPlan plan;
  plan.kind_ = Kind::activity;
  plan.bytes_ = sizeof(ActivityHead);
  return plan;
}

std::int64_t SeriesPlan::bucket_of(std::int64_t time_us) const { return floor_div(time_us, step_us_); }

std::size_t SeriesPlan::slot(std::int64_t bucket) const {
  const std::int64_t rest = bucket % capacity_;
  return static_cast<std::size_t>(rest < 0 ? rest + capacity_ : rest);
}

void SeriesPlan::init(std::byte* block, std::int64_t time_us, std::int64_t watermark_us) const {
  std::memset(block, 0, bytes_);
  if (kind_ == Kind::absence) {
    const AbsenceHead fresh;
    std::memcpy(block, &fresh, sizeof fresh);
    return;
  }
  if (kind_ == Kind::activity) {
    const ActivityHead fresh;
    std::memcpy(block, &fresh, sizeof fresh);
    return;
  }
  if (kind_ == Kind::joint) {
    joint_head(block) = {};
    joint_->init(joint_state(block));
    return;
  }
  SeriesHead fresh;
  fresh.newest_bucket = bucket_of(time_us);
  fresh.first_bucket = fresh.newest_bucket;
  fresh.closed_bucket = std::min(fresh.newest_bucket, bucket_of(watermark_us)) - 1;
  std::memcpy(block, &fresh, sizeof fresh);
  if (counter_) {
    const CounterHead counter;
    std::memcpy(block + counter_at_, &counter, sizeof counter);
  }
  if (ensemble_) ensemble_->init(std::span(block + models_at_, ensemble_->state_bytes()));
  if (trend_) trend(block) = {};
}

Bucket SeriesPlan::bucket(const std::byte* block, std::int64_t number) const {
  const std::int64_t newest = head(block).newest_bucket;
  if (number > newest || number <= newest - capacity_) return {};
  return ring(block)[slot(number)];
}

// The bucket to write to; buckets between the newest and a newer one are cleared. nullptr: older than the ring.
Bucket* SeriesPlan::open_bucket(std::byte* block, std::int64_t number) const {
  SeriesHead& h = head(block);
  if (number <= h.newest_bucket - capacity_) return nullptr;
  if (number > h.newest_bucket) {
    const std::int64_t from = std::max(h.newest_bucket + 1, number - capacity_ + 1);
    for (std::int64_t i = from; i <= number; ++i) ring(block)[slot(i)] = {};
    h.newest_bucket = number;
  }
  return &ring(block)[slot(number)];
}

Observation SeriesPlan::observe(std::byte* block, std::int64_t time_us, std::int64_t watermark_us,
                                double value, bool denominator, bool cumulative, std::uint32_t id_hash,
                                std::int64_t offset) const {
  SeriesHead& h = head(block);
  // A ratio's two signals may be one record: the hash is salted by the role.
  const std::uint32_t id = denominator ? (id_hash ^ 0x9e3779b9U) | 1U : id_hash;
  for (const std::uint32_t seen : h.seen_ids) {
    if (seen == id) return Observation::duplicate;
  }
  h.seen_ids[h.next_id] = id;
  h.next_id = (h.next_id + 1) % 8;
  h.applied_offset = offset;

  const std::int64_t number = bucket_of(time_us);
  if (closes_ && h.closing == 0 && number > h.closed_bucket) {
    // Closing had stopped, or never begun. Buckets behind the watermark take no events any more; those in front of it may
    // still get earlier ones than this.
    h.closed_bucket = std::max(h.closed_bucket, std::min(number, bucket_of(watermark_us)) - 1);
    h.first_bucket = number;
    h.closing = 1;
  } else if (number > h.closed_bucket && number < h.first_bucket) {
    h.first_bucket = number;
  }
  h.last_event_us = std::max(h.last_event_us, time_us);

  Observation result = Observation::taken;
  if (cumulative && !denominator && counter_) {
    CounterHead counter;
    std::memcpy(&counter, block + counter_at_, sizeof counter);
    const bool first = counter.time_us == kNoTime;
    if (!first && time_us < counter.time_us)
      return Observation::no_change;  // an older reading says nothing new
    double delta = value - counter.reading;
    if (!first && delta < 0) {
      delta = value;  // the counter began anew
      result = Observation::counter_reset;
    }
    counter = {value, time_us};
    std::memcpy(block + counter_at_, &counter, sizeof counter);
    if (first) return Observation::no_change;
    value = delta;
  }

  Bucket* target = open_bucket(block, number);
  if (target == nullptr) return Observation::no_change;
  const auto v = static_cast<float>(value);
  switch (measure_->function) {
    case MeasureFunction::ratio:
      (denominator ? target->b : target->a) += v;
      break;
    case MeasureFunction::count:
    case MeasureFunction::sum:
    case MeasureFunction::rate:
    case MeasureFunction::mean:
      target->a += v;
      target->b += 1;
      break;
    case MeasureFunction::min:
      target->a = target->b == 0 ? v : std::min(target->a, v);
      target->b += 1;
      break;
    case MeasureFunction::max:
      target->a = target->b == 0 ? v : std::max(target->a, v);
      target->b += 1;
      break;
    case MeasureFunction::last: {
      const std::int64_t milliseconds = (time_us - number * step_us_) / 1000;
      const auto at = static_cast<float>(1 + milliseconds);
      if (at >= target->b) *target = {v, at};
      break;
    }
    case MeasureFunction::missing:
    case MeasureFunction::together:
      break;
  }
  return result;
}

MeasureFact SeriesPlan::fact(const std::byte* block, std::int64_t number, bool closed) const {
  MeasureFact fact;
  const SeriesHead& h = head(block);
  double a = 0, b = 0;
  double best = 0;
  bool any = false;
  const std::int64_t oldest = std::max(number - window_ + 1, h.newest_bucket - capacity_ + 1);
  for (std::int64_t i = oldest; i <= std::min(number, h.newest_bucket); ++i) {
    const Bucket& one = ring(block)[slot(i)];
    if (one.a == 0 && one.b == 0) continue;
    switch (measure_->function) {
      case MeasureFunction::min:
        best = any ? std::min(best, double{one.a}) : double{one.a};
        break;
      case MeasureFunction::max:
        best = any ? std::max(best, double{one.a}) : double{one.a};
        break;
      case MeasureFunction::last:
        best = double{one.a};
        break;
      default:
        a += double{one.a};
        break;
    }
    b += double{one.b};
    any = true;
  }
  switch (measure_->function) {
    case MeasureFunction::count:
    case MeasureFunction::sum:
    case MeasureFunction::rate: {
      fact.value =
          measure_->function == MeasureFunction::rate ? a / (static_cast<double>(over_us_) / 1e6) : a;
      // Too high is known from a part of the window; too low only from all of it.
      const bool whole = h.first_bucket <= number - window_ + 1;
      const double records = measure_->function == MeasureFunction::count ? a : b;
      fact.known = (closed ? whole : any) && records >= measure_->needs_signal;
      break;
    }
    case MeasureFunction::ratio:
      fact.known = b > 0 && a <= b && b >= measure_->needs_denominator && a >= measure_->needs_signal;
      fact.value = b > 0 ? a / b : 0;
      break;
    case MeasureFunction::mean:
      fact.known = b > 0 && b >= measure_->needs_signal;
      fact.value = b > 0 ? a / b : 0;
      break;
    case MeasureFunction::min:
    case MeasureFunction::max:
      fact.known = any && b >= measure_->needs_signal;
      fact.value = best;
      break;
    case MeasureFunction::last:
      fact.known = any;
      fact.value = best;
      break;
    case MeasureFunction::missing:
    case MeasureFunction::together:
      break;
  }
  if (!std::isfinite(fact.value)) fact.known = false;
  if (trend_) {
    const TrendState& state = trend(block);
    fact.trend = models::Forecast::trend_of(state.forecast, models::ScaleFloor().floor(state.floor));
    fact.step = Duration(step_us_);
  }
  if (ensemble_) {
    ScoreNote note;
    std::memcpy(&note, block + note_at_, sizeof note);
    fact.score.ready = note.ready != 0;
    fact.score.ratio = double{note.ratio};
    fact.score.severity = note.severity;
    fact.score.p = std::pow(10.0, -double{note.nlp});
    fact.score.direction = static_cast<Direction>(note.direction);
    fact.score.expected = note.expected;
    fact.score.low = note.low;
    fact.score.high = note.high;
    fact.score.top = static_cast<ModelId>(note.top);
    fact.score.samples = note.samples;
  }
  return fact;
}

models::Context SeriesPlan::context(std::int64_t end_us, std::int64_t elapsed, int utc_offset_s) const {
  // The bucket's own beginning decides its hour: a bucket that ends at midnight belongs to the evening.
  const std::int64_t local_us = end_us - step_us_ + std::int64_t{utc_offset_s} * 1'000'000;
  const std::int64_t day = floor_div(local_us, kDayUs);
  const std::int64_t in_day = local_us - day * kDayUs;
  models::Context context;
  context.elapsed = Duration(elapsed * step_us_);
  context.step = Duration(step_us_);
  context.half_hour = static_cast<std::uint8_t>(in_day / (kHourUs / 2));
  // Day 0 of the epoch was a Thursday.
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;
  context.hour_of_week = static_cast<std::uint8_t>(weekday * 24 + in_day / kHourUs);
  context.local_day = static_cast<std::uint16_t>(day & 0xffff);
  return context;
}

MeasureFact SeriesPlan::close_next(std::byte* block, bool interrupted, bool active, int utc_offset_s) const {
  SeriesHead& h = head(block);
  const std::int64_t number = h.closed_bucket + 1;
  h.closed_bucket = number;
  const Bucket newest = bucket(block, number);
  const bool has_data = newest.a != 0 || newest.b != 0;
  const bool counted = has_data || (sum_like_ && active);
  if (interrupted || !counted)
    h.first_bucket = std::max(h.first_bucket, number + 1);  // sums begin anew after a gap
  if (number > h.newest_bucket) (void)open_bucket(block, number);

  MeasureFact window = fact(block, number, true);
  if (!ensemble_ && !trend_) return window;
  if (!window.known || !counted || interrupted) {
    window.score.onset = 0;
    return window;
  }
  const std::int64_t elapsed = h.sampled_bucket == kNoTime ? 0 : number - h.sampled_bucket;
  h.sampled_bucket = number;
  if (trend_) {
    learn_trend(block, window.value, elapsed);
    window.trend =
        models::Forecast::trend_of(trend(block).forecast, models::ScaleFloor().floor(trend(block).floor));
    window.scored = true;
    return window;
  }
  models::Sample s{};
  s.t = Timestamp(Duration(end_of(number)));
  if (measure_->function == MeasureFunction::ratio) {
    double num = 0, den = 0;
    for (std::int64_t i = number - window_ + 1; i <= number; ++i) {
      const Bucket one = bucket(block, i);
      num += double{one.a};
      den += double{one.b};
    }
    s.x = num;
    s.n = den;
    s.learn_x = double{newest.a};
    s.learn_n = double{newest.b};
  } else {
    s.x = window.value;
  }
  window.score = ensemble_->update(std::span(block + models_at_, ensemble_->state_bytes()), s,
                                   context(end_of(number), elapsed, utc_offset_s));
  window.scored = window.score.ready;
  ScoreNote note;
  note.ready = window.score.ready ? 1 : 0;
  note.ratio = static_cast<float>(window.score.ratio);
  note.severity = window.score.severity;
  note.expected = window.score.expected;
  note.low = window.score.low;
  note.high = window.score.high;
  note.nlp = static_cast<float>(-std::log10(std::max(window.score.p, 1e-300)));
  note.samples = window.score.samples;
  note.top = static_cast<std::uint8_t>(window.score.top);
  note.direction = static_cast<std::uint8_t>(window.score.direction);
  std::memcpy(block + note_at_, &note, sizeof note);
  return window;
}

void SeriesPlan::learn_trend(std::byte* block, double value, std::int64_t elapsed) const {
  constexpr double kLargest = 1e30;
  if (!(std::fabs(value) <= kLargest)) return;
  TrendState& state = trend(block);
  const models::ScaleFloor scale_floor;
  const double floor = scale_floor.floor(state.floor);
  scale_floor.learn(state.floor, value);
  models::Forecast::learn(state.forecast, value, floor,
                          static_cast<double>(std::max<std::int64_t>(elapsed, 1)));
}

bool SeriesPlan::wants_close(const std::byte* block, bool maybe_active) const {
  const SeriesHead& h = head(block);
  const std::int64_t next = h.closed_bucket + 1;
  if (next <= h.newest_bucket && h.last_event_us >= next * step_us_) return true;
  // The window of the next close still holds data.
  const std::int64_t last_with_data = bucket_of(h.last_event_us);
  if (next - window_ + 1 <= last_with_data) return true;
  return sum_like_ && maybe_active;
}

std::int64_t SeriesPlan::last_event_us(const std::byte* block) const {
  if (kind_ == Kind::measured) return head(block).last_event_us;
  if (kind_ == Kind::activity) return reinterpret_cast<const ActivityHead*>(block)->last_event_us;
  if (kind_ == Kind::joint) return joint_head(block).last_event_us;
  const AbsenceHead& a = absence_head(block);
  return std::max(a.seen_us, a.last_ahead_us);
}

std::int64_t SeriesPlan::applied_offset(const std::byte* block) const {
  if (kind_ == Kind::activity) return reinterpret_cast<const ActivityHead*>(block)->applied_offset;
  if (kind_ == Kind::joint) return -1;  // no record changes it by itself
  return kind_ == Kind::absence ? absence_head(block).applied_offset : head(block).applied_offset;
}

// ---- activity ---------------------------------------------------------------------------------------------------------

bool SeriesPlan::new_activity(const std::byte* block, std::int64_t time_us) {
  const auto& a = *reinterpret_cast<const ActivityHead*>(block);
  const std::int64_t hour = floor_div(time_us, kHourUs);
  if (a.hour == kNoTime || hour > a.hour) return true;
  return a.hour - hour < 64 && (a.hours >> (a.hour - hour) & 1) == 0;
}

void SeriesPlan::note_activity(std::byte* block, std::int64_t time_us, std::int64_t offset) {
  auto& a = *reinterpret_cast<ActivityHead*>(block);
  const std::int64_t hour = floor_div(time_us, kHourUs);
  if (a.hour == kNoTime || hour - a.hour >= 64) {
    a.hour = hour;
    a.hours = 1;
  } else if (hour > a.hour) {
    a.hours = a.hours << (hour - a.hour) | 1;
    a.hour = hour;
  } else if (a.hour - hour < 64) {
    a.hours |= std::uint64_t{1} << (a.hour - hour);
  }
  a.last_event_us = std::max(a.last_event_us, time_us);
  a.applied_offset = offset;
}

bool SeriesPlan::active_before(const std::byte* block, std::int64_t end_us, int hours, bool also_this) {
  const auto& a = *reinterpret_cast<const ActivityHead*>(block);
  if (a.hour == kNoTime) return false;
  const std::int64_t this_hour = floor_div(end_us - 1, kHourUs);
  for (std::int64_t hour = this_hour - hours; hour <= (also_this ? this_hour : this_hour - 1); ++hour) {
    const std::int64_t back = a.hour - hour;
    if (back >= 0 && back < 64 && (a.hours >> back & 1) != 0) return true;
  }
  return false;
}

int SeriesPlan::activity_hours() const {
  return static_cast<int>(std::clamp<std::int64_t>(3 * step_us_ / kHourUs, 2, 60));
}

// Set-based: the result does not depend on the order of records that are within the lateness of each other.
void SeriesPlan::seen(std::byte* block, std::int64_t time_us, std::int64_t offset) const {
  AbsenceHead& a = absence_head(block);
  a.applied_offset = offset;
  if (a.seen_us == kNoTime) {
    a.seen_us = time_us;
    return;
  }
  if (time_us <= a.seen_us) return;
  if (a.silent_since_us == kNoTime && time_us - a.from_us() <= over_us_) {
    a.seen_us = time_us;
    if (a.first_ahead_us != kNoTime && a.first_ahead_us - a.from_us() <= over_us_) {
      a.seen_us = std::max(a.seen_us, a.last_ahead_us);
      a.first_ahead_us = a.last_ahead_us = kNoTime;
    }
    return;
  }
  // Beyond the deadline: whether the silence happened is judged when the watermark is past it.
  a.first_ahead_us = a.first_ahead_us == kNoTime ? time_us : std::min(a.first_ahead_us, time_us);
  a.last_ahead_us = std::max(a.last_ahead_us, time_us);
}

// Block 64, version 1: SeriesHead, CounterHead (counters), ScoreNote (modelled), then u16 count and the ring's buckets
// from the newest back, without empty ones at the end, so that another lateness keeps them. Block 65: AbsenceHead. Block
// 66: ActivityHead. Block 68: JointHead, in front of its model's.
void SeriesPlan::append_blocks(const std::byte* block, std::string& out) const {
  BlockWriter writer(out);
  if (kind_ == Kind::joint) {
    const auto* bytes = reinterpret_cast<const char*>(block);
    writer.add(kJointBlock, 1, params_hash_, {bytes, sizeof(JointHead)});
    writer.add(static_cast<std::uint8_t>(models::BlockId::multi), models::kBlockVersion, joint_model_hash(),
               {bytes + sizeof(JointHead), joint_->state_bytes()});
    return;
  }
  if (kind_ != Kind::measured) {
    writer.add(kind_ == Kind::absence ? kAbsenceBlock : kActivityBlock, 1, params_hash_,
               {reinterpret_cast<const char*>(block), bytes_});
    return;
  }
  writer.begin(kSeriesBlock, 1, params_hash_);
  out.append(reinterpret_cast<const char*>(block), ring_at_);
  const std::int64_t newest = head(block).newest_bucket;
  std::int64_t count = capacity_;
  while (count > 0) {
    const Bucket oldest = bucket(block, newest - count + 1);
    if (oldest.a != 0 || oldest.b != 0) break;
    --count;
  }
  ByteWriter bytes(out);
  bytes.put(static_cast<std::uint16_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const Bucket one = bucket(block, newest - i);
    bytes.put(one.a);
    bytes.put(one.b);
  }
  writer.end();
  if (trend_) {
    writer.add(kTrendBlock, 1, params_hash_ ^ trend_hash(),
               {reinterpret_cast<const char*>(block + models_at_), sizeof(TrendState)});
  }
  if (ensemble_) ensemble_->append_blocks(std::span(block + models_at_, ensemble_->state_bytes()), out);
}

Result<std::uint32_t> SeriesPlan::load_blocks(std::string_view blocks, std::byte* block) const {
  init(block, 0, 0);
  if (kind_ == Kind::joint) return load_joint(blocks, block);
  std::uint32_t cold = 0;
  bool found = false;
  BlockReader reader(blocks);
  for (;;) {
    const Result<std::optional<Block>> next = reader.next();
    if (!next) return tl::make_unexpected(next.error());
    if (!next->has_value()) break;
    const Block& one = **next;
    if (one.id < kFirstPipelineBlock) continue;  // the ensemble reads those
    const bool trend_block = trend_ && one.id == kTrendBlock;
    if (one.id != own_block_id() && !trend_block) {
      ++cold;
      continue;
    }
    if (one.version > 1) {
      return failure("series block " + std::to_string(one.id) + " has version " +
                     std::to_string(one.version) + ", this program reads up to 1");
    }
    if (trend_block) {
      if (!load_trend(one, block)) ++cold;
    } else {
      found = load_own_block(one, block);
    }
  }
  if (!found) ++cold;
  if (ensemble_) {
    const Result<models::BlockCounts> counts =
        ensemble_->load_blocks(blocks, std::span(block + models_at_, ensemble_->state_bytes()));
    if (!counts) return tl::make_unexpected(counts.error());
    cold += counts->unknown + counts->other_params + counts->damaged + counts->missing;
  }
  return cold;
}

bool SeriesPlan::load_trend(const Block& one, std::byte* block) const {
  if (one.params_hash != (params_hash_ ^ trend_hash()) || one.payload.size() != sizeof(TrendState))
    return false;
  TrendState state;
  std::memcpy(&state, one.payload.data(), sizeof state);
  if (!models::ScaleFloor().sane(state.floor) || !models::Forecast({}).sane(state.forecast)) return false;
  trend(block) = state;
  return true;
}

std::uint8_t SeriesPlan::own_block_id() const {
  switch (kind_) {
    case Kind::measured:
      return kSeriesBlock;
    case Kind::absence:
      return kAbsenceBlock;
    case Kind::activity:
      return kActivityBlock;
    case Kind::joint:
      return kJointBlock;
  }
  return 0;
}

// A number that no records lead to would overflow, or be closed bucket by bucket for ages.
bool SeriesPlan::sane_head(const std::byte* block) const {
  constexpr std::int64_t kMostOpen = 1 << 20;  // buckets
  const SeriesHead& h = head(block);
  const auto bucket = [this](std::int64_t number) {
    return number >= bucket_of(kEarliestUs) && number <= bucket_of(kLatestUs);
  };
  if (!never_or_plausible(h.last_event_us) || h.next_id >= std::size(h.seen_ids)) return false;
  if (!bucket(h.first_bucket) || !bucket(h.newest_bucket) || !bucket(h.closed_bucket)) return false;
  if (h.sampled_bucket != kNoTime && !bucket(h.sampled_bucket)) return false;
  if (h.closing != 0 && h.newest_bucket - h.closed_bucket > kMostOpen) return false;
  if (!counter_) return true;
  CounterHead counter;
  std::memcpy(&counter, block + counter_at_, sizeof counter);
  return never_or_plausible(counter.time_us);
}

bool SeriesPlan::load_own_block(const Block& one, std::byte* block) const {
  if (one.params_hash != params_hash_) return false;
  if (kind_ != Kind::measured) {
    if (one.payload.size() != bytes_) return false;
    std::memcpy(block, one.payload.data(), bytes_);
    const bool good = kind_ == Kind::absence ? sane(absence_head(block))
                                             : sane(*reinterpret_cast<const ActivityHead*>(block));
    if (good) return true;
    init(block, 0, 0);
    return false;
  }
  ByteReader bytes(one.payload);
  const std::string_view fixed = bytes.get_bytes(ring_at_);
  const auto count = bytes.get<std::uint16_t>();
  if (bytes.failed() || bytes.remaining() != std::size_t{count} * sizeof(Bucket)) return false;
  std::memcpy(block, fixed.data(), ring_at_);
  if (!sane_head(block)) {
    init(block, 0, 0);
    return false;
  }
  const std::int64_t newest = head(block).newest_bucket;
  for (std::int64_t i = 0; i < count; ++i) {
    Bucket one_bucket;
    one_bucket.a = bytes.get<float>();
    one_bucket.b = bytes.get<float>();
    if (i < capacity_) ring(block)[slot(newest - i)] = one_bucket;
  }
  return true;
}

}  // namespace proactive::daemon
