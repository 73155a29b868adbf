// How far a look ahead at one customer has come; see Pipeline::hint().
#pragma once

#include <cstdint>

namespace proactive::daemon {

struct Hint {
  std::uint64_t hash = 0;
  const void* at = nullptr;
  std::uint64_t destroyed = 0;  // objects of the store when `at` was seen: with more, it may be gone
};

}  // namespace proactive::daemon
