// Memory of series: blocks of one size, taken from chunks and reused. A chunk is never given back to the system.
//
// Owner: one CustomerStore. Cost: O(1). Alignment: 8.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace proactive::daemon {

class BlockPool {
 public:
  explicit BlockPool(std::size_t bytes) : bytes_((bytes + 7) & ~std::size_t{7}) {}

  [[nodiscard]] std::byte* take() {
    if (free_.empty()) grow();
    std::byte* block = free_.back();
    free_.pop_back();
    return block;
  }
  void give_back(std::byte* block) { free_.push_back(block); }
  [[nodiscard]] std::size_t block_bytes() const { return bytes_; }

 private:
  void grow() {
    // Small at first, so that a rare measure costs little.
    const std::size_t blocks = chunks_.empty() ? 8 : std::size_t{65536} / bytes_ + 1;
    chunks_.push_back(std::make_unique<std::byte[]>(blocks * bytes_));
    for (std::size_t i = blocks; i-- > 0;) free_.push_back(chunks_.back().get() + i * bytes_);
  }

  std::size_t bytes_;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::vector<std::byte*> free_;
};

}  // namespace proactive::daemon
