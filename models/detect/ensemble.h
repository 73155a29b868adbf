// Ensemble is the models of one series as the pipeline sees them: a block of bytes, one call per closed bucket.
//
//   level          ewma                                   the value against its recent level
//   seasonal_day   the better of ewma and seasonal        ... or against this time of day
//   seasonal_week  likewise                               ... and of the week
//   ratio          ratio                                  a share against the share so far
//   gauge          the better of ewma and seasonal, jump, drift, volatility, frozen     together (gauge.h); the default for a value that is measured
//   gauge_slim     ewma, jump, drift, volatility, frozen                                ... in a tenth of the bytes, without a season
//   count          rate, drift of it, volatility and frozen while there are few; gauge from a mean of 20 on, back below 10
//   event          rate                                   too many or too few in a bucket
//   ratio_full     ratio, drift of it                     ... and a share that stays a little too high
//   stuck          stuck, frozen                          a signal that stopped moving; low side only, so direction is ignored
//
// `familiar`, for the first three: what this series has shown before is no news again, however far out (density_tail.h).
//
// What every kind shares: tail probabilities, the own-noise ratio, onset, severity (models/detect/*.h).
// Owner: a SeriesPlan; the object is immutable and may be shared by threads, the state bytes belong to the caller.
// Clock, allocation in update(), locks: none. Equal samples give equal bits on every x86-64 host.
// Bytes: level 88, seasonal_day 632, seasonal_week 1976, ratio 40, gauge 2384, gauge_slim 248, count 2576, event 40, ratio_full 208, stuck 120;
// familiar 152 more.
// Failure: a sample that is not finite, beyond 1e30, no share (numerator above denominator, denominator not above 0) or no
// count (below 0 or above 1e9) changes nothing and gives ready = false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "models/base/result.h"
#include "models/base/score.h"
#include "models/detect/sample.h"

namespace proactive::models {

enum class EnsembleKind : std::uint8_t {
  level,
  seasonal_day,
  seasonal_week,
  ratio,
  gauge,
  gauge_slim,
  count,
  event,
  ratio_full,
  stuck
};

// Ingredients that the quality report takes away one at a time (kinds gauge, gauge_slim and count; ignored elsewhere). As given here,
// they cost nothing and are no part of params_hash.
struct Ablation {
  bool jump = true, drift = true, volatility = true, frozen = true;
  bool density_tail = true;  // else jump and drift get peaks over threshold
  bool own_noise = true;     // else the ratio is S over the prior's typical
  bool onset_memory = true, escalation = true;
  enum class Season : std::uint8_t { better, never, always };
  Season season = Season::better;  // always: as soon as it is ready

  [[nodiscard]] bool operator==(const Ablation&) const = default;
};

// `direction`: the side that counts as a problem; on the other side every channel reports p = 1.
struct EnsembleParams {
  EnsembleKind kind = EnsembleKind::level;
  Direction direction = Direction::either;
  Ablation ablation{};
  bool familiar = false;  // of level, seasonal_day and seasonal_week; ignored elsewhere
};

// What became of the blocks of a stored series. All but `loaded` mean that some part starts cold.
struct BlockCounts {
  std::uint32_t loaded = 0;
  std::uint32_t unknown = 0;       // an id below 64 that this ensemble does not use: skipped
  std::uint32_t other_params = 0;  // written under other parameters
  std::uint32_t damaged = 0;       // wrong length, or numbers that no model writes
  std::uint32_t missing = 0;       // no block at all
};

class Ensemble {
 public:
  explicit Ensemble(EnsembleParams params);

  [[nodiscard]] std::size_t state_bytes() const;  // a multiple of 8
  // REQUIRES, here and below: `state` has state_bytes() bytes and is 8-byte aligned.
  void init(std::span<std::byte> state) const;
  // Scores first, then learns: strictly causal. REQUIRES: slots of `context` within their ranges.
  [[nodiscard]] Score update(std::span<std::byte> state, const Sample& sample, const Context& context) const;

  [[nodiscard]] std::uint32_t params_hash() const;
  // Appends the blocks of block_ids.h.
  void append_blocks(std::span<const std::byte> state, std::string& out) const;
  // Replaces `state`. Blocks with an id from 64 on are the pipeline's: skipped, not counted. An error (damaged framing, a
  // newer block version) leaves `state` cold.
  [[nodiscard]] Result<BlockCounts> load_blocks(std::string_view blocks, std::span<std::byte> state) const;
  // One JSON object for `proactived state`.
  [[nodiscard]] std::string describe(std::span<const std::byte> state) const;

 private:
  EnsembleParams params_;
};

}  // namespace proactive::models
