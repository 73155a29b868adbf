// Saving and loading of MultiScorer.
//
//   state = line "proactived-score-multi 1", frozen u8, columns u16, name*, regimes, cohort, one u8, [entity]
#include <cstdint>

#include "daemon/score/multi_scorer.h"

namespace proactive::daemon {
namespace {

constexpr std::string_view kMagic = "proactived-score-multi 1\n";

}  // namespace

std::string MultiScorer::save() {
  if (!looked_) look_for_regimes();
  std::string out(kMagic);
  ByteWriter writer(out);
  writer.put(static_cast<std::uint8_t>(frozen_ ? 1 : 0));
  writer.put(static_cast<std::uint16_t>(columns_.size()));
  for (const std::string& column : columns_) writer.put_string(column);
  regimes_.save(writer);
  cohort_.save(writer);
  const bool one = entities_.size() == 1 && index_.count("") == 1;
  writer.put(static_cast<std::uint8_t>(one ? 1 : 0));
  if (!one) return out;
  const Entity& entity = entities_.front();
  entity.state.save(writer);
  writer.put(entity.rows);
  writer.put(entity.alarm_rows);
  writer.put(static_cast<std::uint8_t>(entity.alarm.on ? 1 : 0));
  writer.put(entity.alarm.quiet);
  return out;
}

Result<void> MultiScorer::load(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return failure("this is no state of `score --multivariate` (its first line is another)");
  }
  ByteReader reader(bytes.substr(kMagic.size()));
  MultiScorer loaded(columns_, settings_);
  const bool frozen = reader.get<std::uint8_t>() != 0;
  bool same = reader.get<std::uint16_t>() == columns_.size();
  for (std::size_t i = 0; same && i < columns_.size(); ++i) same = reader.get_string() == columns_[i];
  if (!same && !reader.failed()) return failure("the state is of other columns");
  bool sound = loaded.regimes_.load(reader) && loaded.cohort_.load(reader);
  if (sound && reader.get<std::uint8_t>() != 0) {
    Entity& one = loaded.entity("");
    sound = one.state.load(reader);
    one.rows = reader.get<std::uint64_t>();
    one.alarm_rows = reader.get<std::uint32_t>();
    one.alarm.on = reader.get<std::uint8_t>() != 0;
    one.alarm.quiet = reader.get<std::uint8_t>();
  }
  if (!sound || reader.failed() || !reader.at_end()) return failure("the state is damaged");
  loaded.frozen_ = frozen || frozen_;
  loaded.looked_ = loaded.inherited_ = true;
  *this = std::move(loaded);
  return {};
}

}  // namespace proactive::daemon
