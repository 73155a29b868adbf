#include "daemon/pipeline/block_pool.h"

#include <sys/mman.h>

namespace proactive::daemon {

Chunk make_chunk(std::size_t bytes) {
  if (bytes % kHugePage != 0) {
    Chunk chunk(static_cast<std::byte*>(std::malloc(bytes)));
    PROACTIVE_CHECK(chunk != nullptr);
    return chunk;
  }
  Chunk chunk(static_cast<std::byte*>(std::aligned_alloc(kHugePage, bytes)));
  PROACTIVE_CHECK(chunk != nullptr);
  (void)madvise(chunk.get(), bytes, MADV_HUGEPAGE);  // small pages do as well, slower
  return chunk;
}

}  // namespace proactive::daemon
