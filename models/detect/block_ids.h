// Ids of the blocks that models write into a series record. A number is never reused; a dead one stays as a comment.
// A model's block has the number of its ModelId (models/base/score.h); what models share begins at 32. Ids from 64
// on belong to the pipeline (models/base/state_record.h).
#pragma once

#include <cstdint>

namespace proactive::models {

enum class BlockId : std::uint8_t {
  ewma = 1,         // Ewma::State, Tail::State                                  48 bytes
  seasonal = 2,     // Seasonal::State, slots (48 or 48 + 168), Tail::State     528 or 1872 bytes
  jump = 3,         // Jump::State, DensityTail::State or Tail::State          172 or 48 bytes
  drift = 4,        // Drift::State, DensityTail::State or Tail::State         168 or 44 bytes
  stuck = 5,        // Stuck::State, Tail::State                                 56 bytes
  rate = 6,         // Rate::State; in count also Drift::State, DensityTail::State, a switch   16 or 192 bytes
  ratio = 7,        // Ratio::State                                              20 bytes
  multi = 8,        // Joint                                                     8 d^2 + 72 d + 160 bytes
  volatility = 11,  // Volatility::State, Tail::State                         44 bytes
  frozen = 12,      // Frozen::State                                            24 bytes
  floor = 32,       // ScaleFloor::State                                         20 bytes
  noise = 33,       // OwnNoise::State, Onset::State                             20 bytes
  choice = 34,      // ForecasterChoice::State                                   12 bytes
  familiar = 35,    // DensityTail::State                                       148 bytes
};

inline constexpr std::uint8_t kBlockVersion = 1;

}  // namespace proactive::models
