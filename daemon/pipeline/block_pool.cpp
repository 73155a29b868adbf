#include "daemon/pipeline/block_pool.h"

#include <sys/mman.h>

#include <cstdint>

namespace proactive::daemon {

void FreeChunk::operator()(std::byte* chunk) const {
  if (mapped == 0) return std::free(chunk);
  PROACTIVE_CHECK(munmap(chunk, mapped) == 0);
}

// Mapped directly: malloc puts a header in front of each aligned chunk, so that two never lie side by side, and what lies
// between them fills up with whatever else the process allocates. With state of 2 KB a series that was a third of its memory.
Chunk make_chunk(std::size_t bytes) {
  if (bytes % kHugePage != 0) {
    Chunk chunk(static_cast<std::byte*>(std::malloc(bytes)));
    PROACTIVE_CHECK(chunk != nullptr);
    return chunk;
  }
  const std::size_t room = bytes + kHugePage;
  void* const mapped = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  PROACTIVE_CHECK(mapped != MAP_FAILED);
  auto* const begin = static_cast<std::byte*>(mapped);
  const std::size_t lead = (kHugePage - reinterpret_cast<std::uintptr_t>(mapped) % kHugePage) % kHugePage;
  const std::size_t tail = room - lead - bytes;
  if (lead != 0) PROACTIVE_CHECK(munmap(begin, lead) == 0);
  if (tail != 0) PROACTIVE_CHECK(munmap(begin + lead + bytes, tail) == 0);
  Chunk chunk(begin + lead, FreeChunk{bytes});
  (void)madvise(chunk.get(), bytes, MADV_HUGEPAGE);  // small pages do as well, slower
  return chunk;
}

}  // namespace proactive::daemon
