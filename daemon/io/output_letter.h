// What is written in the place of an output that the brokers would refuse, or have refused: a dead letter of it. The state
// change that led to the output stands.
//
// Pure functions. Cost: a copy of at most the bytes that the letter keeps.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/codec/record.h"

namespace proactive::daemon {

// As the producer counts: key, value and headers.
[[nodiscard]] std::size_t bytes_of(const OutputRecord& record);

// An output that brokers have refused when it was delivered alone, by what stays the same when it is made again after the
// undo: an event's id, or the place of the record that a dead letter is of. Sizes and clocks may differ.
struct RefusedOutput {
  std::string identity;
  std::string reason;
  bool replaced = false;  // in the open transaction
};
[[nodiscard]] std::string identity_of(const OutputRecord& record);

// Of an output that is larger than kMaxOutputBytes. Of a dead letter it is the letter without the original's headers,
// which alone can have made it so large.
[[nodiscard]] OutputRecord too_large_letter(const OutputRecord& record);

// Of one that was refused for `reason`: code `refused`, and no more than kMaxRefusedLetterBytes of its key and of its
// value, which every topic takes. A dead letter keeps its stage and code. Both have the header `refused`.
inline constexpr std::size_t kMaxRefusedLetterBytes = 16 * 1024;
[[nodiscard]] OutputRecord refused_letter(const OutputRecord& record, std::string_view reason);
[[nodiscard]] bool is_refused_letter(const OutputRecord& record);

}  // namespace proactive::daemon
