// A record that could not be used, written out with what it was and why, in the same transaction as everything else.
//
// Key, value and headers are the original's (the value cut at kMaxDeadLetterBytes, header `truncated`); behind them
// src_topic src_partition src_offset src_ts stage code detail ruleset app_version.
#pragma once

#include <string_view>

#include "daemon/codec/record.h"

namespace proactive::daemon {

inline constexpr std::size_t kMaxDeadLetterBytes = 512 * 1024;
inline constexpr std::size_t kMaxDeadLetterDetail = 256;

// Where on the line the record failed.
enum class DeadLetterStage : std::uint8_t { decode, validate, model, output };
[[nodiscard]] std::string_view to_string(DeadLetterStage stage);

struct DeadLetterCause {
  DeadLetterStage stage = DeadLetterStage::decode;
  std::string_view code;     // a DecodeCode's name, or another stable word
  std::string_view detail;   // a sentence; cut at kMaxDeadLetterDetail
  std::string_view ruleset;  // hash of the rules in force
  std::string_view app_version;
};

[[nodiscard]] OutputRecord make_dead_letter(const InputRecord& record, std::string_view topic,
                                            const DeadLetterCause& cause);

}  // namespace proactive::daemon
