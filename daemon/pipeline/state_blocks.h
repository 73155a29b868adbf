// Block ids of meta, customer and episode records (series: series.h and models/detect/block_ids.h). Never reused.
// Layouts: docs/state-format.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/base/result.h"

namespace proactive::daemon {

inline constexpr std::uint8_t kStateSchema = 1;  // of every record kind today

inline constexpr std::uint8_t kMetaVersionBlock = 80;    // CommitVersion
inline constexpr std::uint8_t kMetaWatermarkBlock = 81;  // WatermarkState
inline constexpr std::uint8_t kMetaGroupBlock = 82;      // i32 partition count, group id
inline constexpr std::uint8_t kMetaReplayBlock = 83;     // ReplayPlan
inline constexpr std::uint8_t kMetaKeysBlock = 84;       // u64 series and episode records that there are
inline constexpr std::uint8_t kEpisodeBlock = 96;        // rules::Episode
inline constexpr std::uint8_t kLedgerBlock = 97;         // OutreachLedger
inline constexpr std::uint8_t kProfileBlock = 112;       // u64 version, fields

// One state record as a line of JSON, whatever wrote it: for people. Works without the rules; values that only a rule
// set explains are printed as they stand.
[[nodiscard]] Result<std::string> describe_state_record(std::string_view key, std::string_view value);

}  // namespace proactive::daemon
