// Memory that is taken in large chunks and never given back to the system: blocks of one size, and a transaction's
// pre-images.
//
// Owner: one CustomerStore. Cost: O(1). Large chunks lie on huge pages where the system grants them: state is read at
// random, and a miss of the address cache costs as much as one of the data cache.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "models/base/check.h"

namespace proactive::daemon {

struct FreeChunk {
  std::size_t mapped = 0;  // bytes; 0: from malloc
  void operator()(std::byte* chunk) const;
};
using Chunk = std::unique_ptr<std::byte, FreeChunk>;

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Multiples of kHugePage are aligned to it.
[[nodiscard]] Chunk make_chunk(std::size_t bytes);

class BlockPool {
 public:
  explicit BlockPool(std::size_t bytes) : bytes_((bytes + 7) & ~std::size_t{7}) {}

  [[nodiscard]] std::byte* take() {
    if (!free_.empty()) {
      std::byte* block = free_.back();
      free_.pop_back();
      return block;
    }
    if (left_ < bytes_) grow();
    std::byte* block = next_;
    next_ += bytes_;
    left_ -= bytes_;
    return block;
  }
  void give_back(std::byte* block) { free_.push_back(block); }
  [[nodiscard]] std::size_t block_bytes() const { return bytes_; }

 private:
  void grow() {
    // Small at first, so that a rare measure costs little.
    constexpr std::size_t kSmallChunks = 16, kSmallChunk = std::size_t{64} << 10;
    std::size_t size = chunks_.empty() ? 8 * bytes_ : chunks_.size() < kSmallChunks ? kSmallChunk : kHugePage;
    if (size < bytes_) size = (bytes_ + kHugePage - 1) / kHugePage * kHugePage;
    chunks_.push_back(make_chunk(size));
    next_ = chunks_.back().get();
    left_ = size;
  }

  std::size_t bytes_;
  std::vector<Chunk> chunks_;
  std::vector<std::byte*> free_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

// Bytes that are only added, and forgotten all at once; most of the memory stays for the next transaction.
class ImageArena {
 public:
  // Where the copy lies until clear().
  [[nodiscard]] const std::byte* save(const void* bytes, std::size_t count) {
    PROACTIVE_CHECK(count <= kChunk);
    if (chunks_.empty() || used_ + count > kChunk) next_chunk();
    std::byte* at = chunks_[current_].get() + used_;
    std::memcpy(at, bytes, count);
    used_ += (count + 7) & ~std::size_t{7};
    if (used_ > kChunk) used_ = kChunk;
    return at;
  }
  [[nodiscard]] std::size_t bytes() const { return current_ * kChunk + used_; }
  void clear() {
    if (chunks_.size() > kKept) chunks_.resize(kKept);
    current_ = used_ = 0;
  }

 private:
  static constexpr std::size_t kChunk = kHugePage;
  static constexpr std::size_t kKept = 32;  // chunks; a rare large transaction gives the rest back

  void next_chunk() {
    if (!chunks_.empty()) ++current_;
    used_ = 0;
    if (current_ == chunks_.size()) chunks_.push_back(make_chunk(kChunk));
  }

  std::vector<Chunk> chunks_;
  std::size_t current_ = 0, used_ = 0;
};

}  // namespace proactive::daemon
