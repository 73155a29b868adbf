#include "daemon/score/series_scorer.h"

#include <cstring>
#include <span>
#include <utility>

#include "models/base/state_record.h"
#include "models/detect/severity.h"

namespace proactive::daemon {
namespace {

constexpr std::string_view kMagic = "proactived-score 1\n";
constexpr std::uint8_t kRowBlock =
    200;  // beside the models' blocks: cadence, alarm, times of the last row and sample
constexpr std::uint8_t kRowBlockVersion = 1;

std::span<std::byte> bytes_of(std::vector<std::uint64_t>& words, std::size_t bytes) {
  return {reinterpret_cast<std::byte*>(words.data()), bytes};
}
std::span<const std::byte> bytes_of(const std::vector<std::uint64_t>& words, std::size_t bytes) {
  return {reinterpret_cast<const std::byte*>(words.data()), bytes};
}

bool plausible(Timestamp time) { return time == kNever || plausible_us(time.time_since_epoch().count()); }

}  // namespace

SeriesScorer::SeriesScorer(ChosenModels chosen, Calendar calendar, Sensitivity sensitivity)
    : ensemble_(chosen.params),
      kind_(chosen.params.kind),
      alone_(chosen.alone),
      state_((ensemble_.state_bytes() + 7) / 8),
      calendar_(std::move(calendar)),
      theta_(theta_of(sensitivity)) {
  ensemble_.init(bytes_of(state_, ensemble_.state_bytes()));
}

models::Context SeriesScorer::context_at(Timestamp time, bool later) {
  models::Context context;
  context.step = cadence_.step();
  if (last_sample_ != kNever) {
    const bool known = later && time > last_sample_;
    context.elapsed = known ? time - last_sample_ : context.step;
  }
  calendar_.place(time, context);
  return context;
}

std::uint32_t SeriesScorer::params_hash() const {
  return ensemble_.params_hash() ^ (static_cast<std::uint32_t>(alone_) * 0x9E3779B9U);
}

// The layers above the models, for one of them by itself.
void SeriesScorer::listen_to_one(Score& score, Duration elapsed) {
  score.ready = false;
  for (const Contribution& share : score.shares) {
    if (share.model != alone_ || !share.ready) continue;
    const models::OwnNoise own_noise;
    score.ready = true;
    score.sum = double{share.surprise};
    score.p = own_noise.p(alone_noise_, score.sum);
    score.ratio = own_noise.ratio(alone_noise_, score.sum);
    score.onset = models::Onset().update(alone_onset_, score.ratio, elapsed);
    score.severity = models::severity_of(score.ratio);
    score.top = alone_;
    own_noise.learn(alone_noise_, score.sum);
  }
}

// The ensemble would pass over it in silence.
bool SeriesScorer::acceptable(double x) const {
  using Kind = models::EnsembleKind;
  if (kind_ == Kind::count || kind_ == Kind::event) return x >= 0 && x <= 1e9;
  return x >= -1e30 && x <= 1e30;
}

RowVerdict SeriesScorer::update(Timestamp time, const Value& value) {
  const Duration gap = last_row_ == kNever ? Duration{} : time - last_row_;
  if (last_row_ != kNever && gap.count() <= 0) ++unordered_;
  cadence_.learn(gap);
  last_row_ = time;

  RowVerdict verdict;
  verdict.anomaly = alarm_.on;
  if (value.kind == Value::Kind::missing) verdict.kind = RowVerdict::Kind::missing;
  if (value.kind != Value::Kind::number || !acceptable(value.number)) return verdict;

  // A step back in time says nothing about how long ago the last sample was.
  const models::Context context = context_at(time, gap.count() > 0);
  last_sample_ = time;
  models::Sample sample;
  sample.t = time;
  sample.x = value.number;
  // Events since the row before: a longer gap may hold more of them.
  const bool events = kind_ == models::EnsembleKind::count || kind_ == models::EnsembleKind::event;
  if (events) sample.n = models::buckets_since(context);
  verdict.score = ensemble_.update(bytes_of(state_, ensemble_.state_bytes()), sample, context);
  if (alone_ != ModelId::none) listen_to_one(verdict.score, context.elapsed);
  verdict.kind = verdict.score.ready ? RowVerdict::Kind::scored : RowVerdict::Kind::warmup;
  if (verdict.score.ready) alarm_.update(verdict.score.onset, verdict.score.ratio, theta_);
  verdict.anomaly = alarm_.on;
  return verdict;
}

std::string SeriesScorer::save() const {
  std::string payload;
  ByteWriter writer(payload);
  writer.put(last_row_.time_since_epoch().count());
  writer.put(last_sample_.time_since_epoch().count());
  writer.put(static_cast<std::uint8_t>(alarm_.on ? 1 : 0));
  writer.put(alarm_.quiet);
  cadence_.save(writer);
  if (alone_ != ModelId::none) {
    writer.put_bytes({reinterpret_cast<const char*>(&alone_noise_), sizeof alone_noise_});
    writer.put(alone_onset_.peak);
  }

  std::string out(kMagic);
  BlockWriter(out).add(kRowBlock, kRowBlockVersion, params_hash(), payload);
  ensemble_.append_blocks(bytes_of(state_, ensemble_.state_bytes()), out);
  return out;
}

Result<void> SeriesScorer::load(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic)
    return failure("this is no state of `score` (its first line is another)");
  bytes.remove_prefix(kMagic.size());
  BlockReader blocks(bytes, kMagic.size());
  const Result<std::optional<Block>> first = blocks.next();
  if (!first) return tl::make_unexpected(first.error());
  if (!*first || (*first)->id != kRowBlock) return failure("the state has no rows");
  const Block& rows = **first;
  if (rows.version > kRowBlockVersion) return failure("the state is of a newer program: start that one");
  if (rows.params_hash != params_hash()) {
    return failure(
        "the state is of other models: give the --kind, --profile, --model and --direction of the run that "
        "wrote it");
  }
  ByteReader reader(rows.payload);
  const Timestamp last_row{Duration(reader.get<std::int64_t>())},
      last_sample{Duration(reader.get<std::int64_t>())};
  Alarm alarm;
  alarm.on = reader.get<std::uint8_t>() != 0;
  alarm.quiet = reader.get<std::uint8_t>();
  Cadence cadence;
  bool sound = cadence.load(reader) && plausible(last_row) && plausible(last_sample);
  models::OwnNoise::State noise;
  models::Onset::State onset;
  if (alone_ != ModelId::none) {
    const std::string_view bytes_of_noise = reader.get_bytes(sizeof noise);
    if (bytes_of_noise.size() == sizeof noise) std::memcpy(&noise, bytes_of_noise.data(), sizeof noise);
    onset.peak = reader.get<float>();
    sound = sound && models::OwnNoise().sane(noise) && models::Onset().sane(onset);
  }
  sound = sound && reader.at_end();
  if (!sound) return failure("the state is damaged");

  const auto counts = ensemble_.load_blocks(bytes, bytes_of(state_, ensemble_.state_bytes()));
  if (!counts) return tl::make_unexpected(counts.error());
  if (counts->damaged + counts->missing + counts->other_params > 0) {
    ensemble_.init(bytes_of(state_, ensemble_.state_bytes()));
    return failure("the state is damaged");
  }
  last_row_ = last_row;
  last_sample_ = last_sample;
  alarm_ = alarm;
  alone_noise_ = noise;
  alone_onset_ = onset;
  cadence_ = cadence;
  return {};
}

}  // namespace proactive::daemon
