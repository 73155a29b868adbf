// PROACTIVE_CHECK(cond): for what cannot be. Always compiled in, never reachable by input; prints and aborts.
#pragma once

namespace proactive {

// Set by the lane before each record, printed when a check fails, so that the crash names its record.
struct CheckContext {
  const char* topic = "";
  int partition = -1;
  long long offset = -1;
};
CheckContext& check_context();  // thread local

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace proactive

#define PROACTIVE_CHECK(cond)                                          \
  do {                                                                 \
    if (!(cond)) ::proactive::check_failed(#cond, __FILE__, __LINE__); \
  } while (false)
