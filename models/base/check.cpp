#include "models/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace proactive {

CheckContext& check_context() {
  thread_local CheckContext context;
  return context;
}

void check_failed(const char* expression, const char* file, int line) {
  const CheckContext& context = check_context();
  std::fprintf(stderr,
               "level=fatal component=check msg=\"broken invariant\" expression=\"%s\" at=%s:%d topic=%s "
               "partition=%d offset=%lld\n",
               expression, file, line, context.topic, context.partition, context.offset);
  std::fflush(stderr);
  std::abort();
}

}  // namespace proactive
